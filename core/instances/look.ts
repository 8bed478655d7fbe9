import { crashPoint } from "../inbox/crash-point.ts";
import { planAfterFailure } from "./after-failure.ts";
import type { Health, Observation } from "./cell.ts";
import { toCellName } from "./cell.ts";
import type { Action, Moment, Plan } from "./decision.ts";
import type { InstanceState } from "./instance.ts";
import { planInstance } from "./plan.ts";
import type { CellAddress, CellFile, CellSpec, Runtime } from "./runtime.ts";

/** One instance as it is given to a look. */
export type Looked = {
	readonly state: InstanceState;
	readonly runtime: Runtime;
	readonly release: string;
	/** What a cell is made of; holds secrets, and is put together only where one is made or started. */
	readonly spec: () => Promise<CellSpec>;
	/** What its place is to hold; worked out only where it is written. */
	readonly files: () => Promise<readonly CellFile[]>;
};

export type LookDeps = {
	/** Never throws; what does not answer in its time is not live. */
	readonly probe: (address: CellAddress) => Promise<Health>;
	readonly moment: () => Moment;
	/** How long one call of the runtime may take. */
	readonly within: <Result>(work: Promise<Result>, ms: number) => Promise<Result>;
	/** False once somebody else may look at it too: then nothing more is done to it. */
	readonly isOurs: () => boolean;
};

/** What came of it; `configWritten` follows what was done. */
export type LookResult = { readonly plan: Plan; readonly configWritten: number };

const OBSERVE_MS = 10_000;
/** No action takes longer, or its outcome is not waited for. */
export const ACT_MS = 30_000;

/**
 * Observes, decides, does at most one thing. Undefined: the time of the look was over before anything was done.
 * Never throws for what the runtime does.
 */
export async function lookAt(deps: LookDeps, looked: Looked): Promise<LookResult | undefined> {
	const { state } = looked;
	const seen = await observe(deps, looked);
	const plan = planInstance(state, seen, deps.moment());
	const { action } = plan;
	const { configWritten, configVersion } = state;
	if (plan.phase === "ready" && state.phase !== "ready") crashPoint("instance-before-up");
	if (action === undefined) return { plan, configWritten };
	if (!deps.isOurs()) return undefined;
	try {
		if (action.kind === "create") crashPoint("instance-before-create");
		await deps.within(act(looked, action), ACT_MS);
		const { kind } = action;
		if (kind === "create" || kind === "configure" || kind === "start") crashPoint(`instance-after-${kind}`);
	} catch (error) {
		return { plan: planAfterFailure(plan, toReason(error), deps.moment()), configWritten };
	}
	if (action.kind === "create") return { plan, configWritten: 0 };
	return { plan, configWritten: action.kind === "configure" ? configVersion : configWritten };
}

async function observe(deps: LookDeps, { state, runtime, release: wanted }: Looked): Promise<Observation> {
	const name = toCellName(state.id, state.generation);
	try {
		const cells = await deps.within(runtime.observe(state.id, [name]), OBSERVE_MS);
		const own = cells.find((cell) => cell.instanceId === state.id && cell.generation === state.generation);
		const address =
			own?.state === "running" ? await deps.within(runtime.address(own.name), OBSERVE_MS) : undefined;
		const health = address === undefined ? undefined : await deps.probe(address);
		const release =
			own?.state !== "running" && state.desired === "running"
				? await deps.within(runtime.fetch(wanted), OBSERVE_MS)
				: undefined;
		return { kind: "seen", cells, health, ...(release !== undefined && { release }) };
	} catch (error) {
		return { kind: "away", why: toReason(error) };
	}
}

async function act({ runtime, state, spec, files }: Looked, action: Action): Promise<void> {
	switch (action.kind) {
		case "create":
			return await runtime.create(await spec());
		case "configure":
			return await runtime.writeFiles(state.id, state.generation, await files());
		case "mend":
			return await runtime.mend(await spec());
		case "start":
			return await runtime.start(await spec());
		case "purge":
			return await runtime.purge(state.id);
		default:
			return await runtime[action.kind](action.cell);
	}
}

function toReason(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
