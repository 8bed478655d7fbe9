import { setTimeout as wait } from "node:timers/promises";
import type { InstanceView } from "../../db/instance-views.ts";
import { AppError } from "../../errors.ts";
import { toTrouble } from "../../instances/trouble.ts";
import { followTexts, troubleTexts } from "../../texts/instances.ts";
import { say } from "../../texts/say.ts";
import type { InboundContent, Language } from "../message.ts";
import { toOutcome } from "../outcomes.ts";
import type { PipelineDeps } from "../pipeline-deps.ts";
import type { Turn, TurnOutcome } from "../turn.ts";

type Follow = Extract<InboundContent, { kind: "follow" }>;

/** How often it is looked at, and how long: longer than anything may take to be up or given up. */
const LOOK_MS = 1_000;
const FOLLOW_MS_MAX = 660_000;
/** Previews of some channels go out where nothing is added to them for half a minute. */
const SIGN_MS = 10_000;

/**
 * One message that grows while an instance is made or started, and ends with what became of it.
 *
 * @throws the signal's reason when this node stops or may have lost the turn: another one begins the message again
 */
export async function followInstance(deps: PipelineDeps, turn: Turn, follow: Follow): Promise<TurnOutcome> {
	const { language } = follow;
	const startedMs = performance.now();
	const lines = [say(followTexts.begins, language)];
	let signedMs = startedMs;
	turn.onText(lines.join("\n"));
	for (;;) {
		const look = await lookAt(deps, follow);
		const last = toLastLine(look, language, turn);
		const isSlow = performance.now() - startedMs >= FOLLOW_MS_MAX;
		if (last !== undefined || isSlow) {
			return toOutcome([{ markdown: [...lines, last ?? say(followTexts.slow, language)].join("\n") }]);
		}
		const line = toLine(look, language);
		if (line !== undefined && lines.at(-1) !== line) {
			lines.push(line);
			turn.onText(`\n${line}`);
			signedMs = performance.now();
		} else if (performance.now() - signedMs >= SIGN_MS) {
			turn.onText(" ·");
			signedMs = performance.now();
		}
		await wait(LOOK_MS, undefined, { signal: turn.signal }).catch(() => {
			throw turn.signal.reason;
		});
	}
}

/** Undefined: there is none any more. */
async function lookAt(
	{ instances }: PipelineDeps,
	{ accountId, instanceId }: Follow,
): Promise<InstanceView | undefined> {
	try {
		return await instances?.find({ accountId, instanceId });
	} catch (error) {
		if (error instanceof AppError && error.code === "INSTANCE_NOT_FOUND") return undefined;
		throw error;
	}
}

function toLine(look: InstanceView | undefined, language: Language): string | undefined {
	if (look?.phase === "starting") return say(followTexts.starting, language);
	if (look?.phase !== "creating") return undefined;
	return say(look.why === undefined ? followTexts.making : followTexts.fetching, language);
}

/** What became of it; undefined: it is still under way. */
function toLastLine(look: InstanceView | undefined, language: Language, turn: Turn): string | undefined {
	if (look === undefined || look.desired !== "running") return say(followTexts.leftOff, language);
	if (look.phase === "failed") {
		return say(followTexts.failed, language, { why: say(troubleTexts[toTrouble(look.why)], language) });
	}
	// Until then what is seen may be what was there before.
	const isUp = (look.phase === "ready" || look.phase === "degraded") && look.deployUntil === undefined;
	if (!isUp) return undefined;
	const seconds = Math.max(1, Math.round((Date.now() - turn.receivedAt.getTime()) / 1_000));
	return say(followTexts.ready, language, { seconds });
}
