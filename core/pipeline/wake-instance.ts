import { setTimeout as wait } from "node:timers/promises";
import type { InstanceContext } from "../accounts/account.ts";
import { instanceTexts } from "../texts/instances.ts";
import { say } from "../texts/say.ts";
import type { PipelineDeps } from "./pipeline-deps.ts";
import type { Caller } from "./stages/identify-sender.ts";
import type { Turn } from "./turn.ts";

const LOOK_MS = 500;
/** Longer than any start of it should take; who waits longer is better answered without it. */
const WAKE_MS_MAX = 60_000;

/**
 * Starts an instance that sleeps and waits until it is up, telling so. Undefined: it did not come up in time.
 *
 * @throws the signal's reason when the turn is stopped or its lease lost; AppError INSTANCE_NOT_FOUND where it went meanwhile
 */
export async function wakeInstance(
	instances: NonNullable<PipelineDeps["instances"]>,
	turn: Turn,
	{ account: { accountId, language } }: Caller,
	{ instanceId }: InstanceContext,
): Promise<InstanceContext | undefined> {
	const ref = { accountId, instanceId };
	turn.onText(`${say(instanceTexts.waking, language)}\n\n`);
	await instances.change(ref, "start");
	const endsAtMs = performance.now() + WAKE_MS_MAX;
	while (performance.now() < endsAtMs) {
		await wait(LOOK_MS, undefined, { signal: turn.signal }).catch(() => {
			throw turn.signal.reason;
		});
		const { phase, host, generation, deployUntil, desired } = await instances.find(ref);
		if (desired !== "running" || phase === "failed") return undefined;
		if (deployUntil === undefined && (phase === "ready" || phase === "degraded")) {
			return { instanceId, host, generation, phase };
		}
	}
	return undefined;
}
