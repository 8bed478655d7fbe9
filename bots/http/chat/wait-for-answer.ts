import type { Core } from "../../../core/core.ts";
import type { TurnResult } from "../../../core/pipeline/message.ts";
import { httpProblem } from "../http-problem.ts";

export type Waited =
	| { readonly kind: "result"; readonly result: TurnResult }
	| { readonly kind: "left" }
	| { readonly kind: "late" }
	/** The caller's key works no more. */
	| { readonly kind: "revoked" }
	| { readonly kind: "stopping" };

export type WaitOptions = {
	readonly waitMs: number;
	/** Aborted when the caller is gone. */
	readonly left: AbortSignal;
	/** Aborted when the caller's key stopped working. */
	readonly revoked: AbortSignal;
	/** Aborted when this node must stop. */
	readonly stopping: AbortSignal;
};

/** The answer, or why we no longer wait for it. @throws AppError 503 when the store fails meanwhile. */
export async function waitForAnswer(
	core: Pick<Core, "waitForResult">,
	inboxId: string,
	{ waitMs, left, revoked, stopping }: WaitOptions,
): Promise<Waited> {
	const late = new AbortController();
	const timer = setTimeout(() => late.abort(), waitMs);
	try {
		const result = await core.waitForResult(inboxId, AbortSignal.any([left, revoked, stopping, late.signal]));
		if (left.aborted) return { kind: "left" };
		if (revoked.aborted) return { kind: "revoked" };
		if (result !== undefined) return { kind: "result", result };
		return stopping.aborted ? { kind: "stopping" } : { kind: "late" };
	} catch (error) {
		throw httpProblem("store-unavailable", {}, error);
	} finally {
		clearTimeout(timer);
	}
}
