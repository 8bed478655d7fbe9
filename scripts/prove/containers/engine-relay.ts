import { once } from "node:events";
import { rm } from "node:fs/promises";
import type { Socket } from "node:net";
import { connect, createServer } from "node:net";

/** When the node that gave an order dies of it: before the engine hears of it, or once it is carried out and nobody was told. */
export type Moment = "before" | "after";

/** A socket before the engine's, for one node. */
export type EngineRelay = { readonly socketPath: string; close(): Promise<void> };

export type RelayTerms = {
	readonly socketPath: string;
	readonly enginePath: string;
	/** Asked at each order, by what it is. Undefined: nobody dies of it. */
	readonly dieAt: (order: string) => Moment | undefined;
	readonly kill: () => void;
};

const HEAD_BYTES_MAX = 16 * 1024;
const ANSWERED_ID = /"Id":"([0-9a-f]{64})"/;

/** Passes on what a node says to the engine and back, one call a connection, as the runtime makes them. */
export async function startEngineRelay(terms: RelayTerms): Promise<EngineRelay> {
	const { socketPath, enginePath, dieAt, kill } = terms;
	const hands = new Set<string>();
	const open = new Set<Socket>();
	await rm(socketPath, { force: true });
	const server = createServer((node) => {
		open.add(node);
		node.on("close", () => open.delete(node));
		node.on("error", () => undefined);
		let head = Buffer.alloc(0);
		const onData = (piece: Buffer): void => {
			head = Buffer.concat([head, piece]);
			const [line = ""] = head.toString("latin1").split("\r\n", 1);
			if (!head.includes("\r\n") && head.length < HEAD_BYTES_MAX) return;
			node.off("data", onData);
			node.pause();
			const order = toOrder(line, hands);
			const moment = order === undefined ? undefined : dieAt(order);
			if (moment === "before") {
				kill();
				node.destroy();
				return;
			}
			passOn(node, head, { enginePath, hands, isHand: line.includes("-hand"), kill: moment && kill });
		};
		node.on("data", onData);
	});
	server.listen(socketPath);
	await once(server, "listening");
	return {
		socketPath,
		async close() {
			for (const socket of open) socket.destroy();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}

type Passing = {
	readonly enginePath: string;
	readonly hands: Set<string>;
	readonly isHand: boolean;
	/** Once the engine has answered. */
	readonly kill: (() => void) | undefined;
};

function passOn(node: Socket, head: Buffer, { enginePath, hands, isHand, kill }: Passing): void {
	const engine = connect({ path: enginePath, allowHalfOpen: true });
	engine.on("error", () => node.destroy());
	engine.on("close", () => node.destroy());
	node.on("close", () => engine.destroy());
	engine.write(head);
	node.pipe(engine);
	engine.on("data", (piece: Buffer) => {
		const [, id] = isHand ? (ANSWERED_ID.exec(piece.toString("latin1")) ?? []) : [];
		if (id !== undefined) hands.add(id);
		if (kill !== undefined) {
			kill();
			engine.destroy();
			return;
		}
		node.write(piece);
	});
	engine.on("end", () => node.end());
}

const KINDS: readonly (readonly [RegExp, string])[] = [
	[/^POST \/volumes\/create/, "make volume"],
	[/^POST \/networks\/create/, "make network"],
	[/^POST \/containers\/create/, "make"],
	[/^PUT \/containers\/[^/]+\/archive/, "unpack into"],
	[/^POST \/containers\/[^/]+\/start/, "start"],
	[/^POST \/containers\/[^/]+\/attach/, "tell"],
	[/^POST \/containers\/[^/]+\/wait/, "wait for"],
	[/^POST \/containers\/[^/]+\/kill/, "signal"],
	[/^POST \/containers\/[^/]+\/exec/, "call into"],
	[/^POST \/exec\//, "run inside"],
	[/^DELETE \/containers\//, "remove"],
	[/^DELETE \/volumes\//, "remove volume"],
	[/^DELETE \/networks\//, "remove network"],
];
const ABOUT = /^\w+ \/containers\/([^/?]+)/;

/** What an order is, of a cell or a hand; undefined: it is a question. */
function toOrder(line: string, hands: ReadonlySet<string>): string | undefined {
	const kind = KINDS.find(([form]) => form.test(line))?.[1];
	const [, about] = ABOUT.exec(line) ?? [];
	if (kind === undefined || about === undefined) return kind;
	return `${kind} ${line.includes("-hand") || hands.has(about) ? "hand" : "cell"}`;
}

/** All there are, as far as instances come by them. */
export const ORDERS: readonly string[] = [
	...["make volume", "make network", "remove volume", "remove network", "run inside"],
	...["make", "unpack into", "start", "tell", "signal", "remove"].map((kind) => `${kind} cell`),
	...["make", "unpack into", "start", "tell", "wait for", "signal", "remove"].map((kind) => `${kind} hand`),
	"call into cell",
];
