import { createHash } from "node:crypto";

/** cell: an agent. hand: works on an agent's files for a moment, while its cell does not run. */
export type Role = "cell" | "hand";

/** Whose a container is, by its labels. */
export type Owned = { readonly instanceId: string; readonly generation: number; readonly role: Role };

export type Labels = Readonly<Record<string, string>>;

/** What everything of ours is called and marked with: the same on every node. */
export type Names = {
	volume(instanceId: string): string;
	network(instanceId: string): string;
	/** Of the network, as the machine sees it; all of them begin with the prefix, so that a rule of a firewall needs no other sign. */
	bridge(instanceId: string): string;
	readonly bridgePrefix: string;
	hand(cell: string): string;
	/** Of what an instance's containers share. */
	labels(instanceId: string): Labels;
	containerLabels(owned: Owned): Labels;
	/** Undefined: it is not ours, or not as we mark it. */
	read(labels: Labels | null | undefined): Owned | undefined;
	isOf(labels: Labels | null | undefined, instanceId: string): boolean;
	/** What the engine is asked for: everything of ours with this role, of one instance or of all. */
	filter(role: Role | undefined, instanceId?: string): { readonly label: string[] };
};

/** With the two letters and the hyphen the fifteen characters an interface may have. Source: Linux, IFNAMSIZ. */
const BRIDGE_DIGITS = { installation: 4, instance: 8 };
const INSTALLATION = "rockpool.installation";
const INSTANCE = "rockpool.instance";
const GENERATION = "rockpool.generation";
const ROLE = "rockpool.role";
const INSTALLATION_FORM = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;
const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const GENERATION_FORM = /^[1-9]\d{0,14}$/;

/** @throws TypeError for an installation that makes no label */
export function toNames(installation: string): Names {
	if (!INSTALLATION_FORM.test(installation))
		throw new TypeError(`no name of an installation: ${installation}`);
	const isOurs = (labels: Labels | null | undefined): labels is Labels =>
		labels?.[INSTALLATION] === installation;
	const bridgePrefix = `rp${digest(installation).slice(0, BRIDGE_DIGITS.installation)}-`;
	return {
		volume: (instanceId) => `oc-${requireId(instanceId)}`,
		network: (instanceId) => `oc-${requireId(instanceId)}`,
		bridge: (instanceId) => bridgePrefix + digest(instanceId).slice(0, BRIDGE_DIGITS.instance),
		bridgePrefix,
		hand: (cell) => `${cell}-hand`,
		labels: (instanceId) => ({ [INSTALLATION]: installation, [INSTANCE]: requireId(instanceId) }),
		containerLabels: ({ instanceId, generation, role }) => ({
			[INSTALLATION]: installation,
			[INSTANCE]: requireId(instanceId),
			[GENERATION]: String(generation),
			[ROLE]: role,
		}),
		read(labels) {
			if (!isOurs(labels)) return undefined;
			const { [INSTANCE]: instanceId = "", [GENERATION]: generation = "", [ROLE]: role } = labels;
			if (!ID.test(instanceId) || !GENERATION_FORM.test(generation)) return undefined;
			if (role !== "cell" && role !== "hand") return undefined;
			return { instanceId, generation: Number(generation), role };
		},
		isOf: (labels, instanceId) => isOurs(labels) && labels[INSTANCE] === instanceId,
		filter: (role, instanceId) => ({
			label: [
				`${INSTALLATION}=${installation}`,
				...(role === undefined ? [] : [`${ROLE}=${role}`]),
				...(instanceId === undefined ? [] : [`${INSTANCE}=${requireId(instanceId)}`]),
			],
		}),
	};
}

/** Hexadecimal, the same for the same text. */
export function digest(text: string): string {
	return createHash("sha256").update(text).digest("hex");
}

function requireId(instanceId: string): string {
	if (!ID.test(instanceId)) throw new TypeError(`no instance: ${instanceId.slice(0, 80)}`);
	return instanceId;
}
