import type { HealthProbe } from "../../core/egress/health-probe.ts";
import type { ProviderEndpoint } from "../../core/providers/provider.ts";
import { PROXY } from "./proxy.ts";
import type { Verdict } from "./verdict.ts";
import { tryModel } from "./verdict.ts";
import type { Wizard } from "./wizard.ts";

export type Trial = {
	readonly id: string;
	readonly dialect: string;
	readonly baseUrl: string;
	readonly allowPrivateNetwork: boolean;
	readonly models: readonly string[];
	readonly apiKey: string;
	readonly timeoutMs: number | undefined;
	/** For a proxy in front of a vendor, which is asked before any model behind it. */
	readonly probe: HealthProbe;
};

export type TrialResult = {
	/** At least one model answered. */
	readonly works: boolean;
	/** Models this key cannot use. */
	readonly unknown: readonly string[];
};

/** Other models may still answer after one of these; after any other they would fail the same way. */
const ABOUT_THE_MODEL: ReadonlySet<Verdict["kind"]> = new Set([
	"works",
	"model-unknown",
	"forbidden",
	"request-refused",
	"vendor-failed",
]);
const UNKNOWN: ReadonlySet<Verdict["kind"]> = new Set(["model-unknown", "forbidden"]);
const TIMEOUT_MS = 30_000;

/** One call a model, one after the other, each told as it comes. */
export async function tryModels(wizard: Wizard, trial: Trial): Promise<TrialResult> {
	const { console } = wizard;
	wizard.registerSecret(trial.apiKey);
	const dead = await findDeadProxy(trial);
	if (dead !== undefined) {
		console.say(`  ${dead.words}`);
		return { works: false, unknown: [] };
	}
	const provider = wizard.providers.get(trial.dialect);
	if (provider === undefined) {
		console.say(`  there is no adapter for the dialect ${trial.dialect}`);
		return { works: false, unknown: [] };
	}
	const endpoint = toEndpoint(wizard, trial);
	const verdicts = new Map<string, Verdict>();
	for (const model of trial.models) {
		const verdict = await tryModel(provider, endpoint, model);
		verdicts.set(model, verdict);
		console.say(`  ${model}: ${verdict.words}`);
		if (!ABOUT_THE_MODEL.has(verdict.kind)) break;
	}
	return {
		works: [...verdicts.values()].some(({ kind }) => kind === "works"),
		unknown: trial.models.filter((model) => UNKNOWN.has(verdicts.get(model)?.kind ?? "works")),
	};
}

/** A dead proxy is a plain error, never a reason to try the next model through it. */
async function findDeadProxy({
	id,
	baseUrl,
	allowPrivateNetwork,
	probe,
}: Trial): Promise<Verdict | undefined> {
	if (id !== PROXY.id) return undefined;
	const health = await probe.check({ baseUrl, allowPrivateNetwork });
	if (health.kind === "alive") return undefined;
	const words = `the proxy at ${baseUrl} is dead: ${health.why}. Start it (proxy-compose makes its compose file); no model was asked`;
	return { kind: "proxy-dead", words };
}

function toEndpoint({ config }: Wizard, trial: Trial): ProviderEndpoint {
	const totalMs = trial.timeoutMs ?? TIMEOUT_MS;
	const { timeouts } = config.providers;
	return {
		providerId: trial.id,
		baseUrl: trial.baseUrl,
		apiKey: trial.apiKey,
		allowPrivateNetwork: trial.allowPrivateNetwork,
		timeouts: {
			connectMs: Math.min(timeouts.connectMs, totalMs),
			firstByteMs: Math.min(timeouts.firstByteMs, totalMs),
			idleMs: Math.min(timeouts.idleMs, totalMs),
			totalMs,
		},
	};
}
