import type { Dialect } from "../../dialects/types.ts";
import { toProviderFailure } from "../../egress/http-failure.ts";

/** The bytes of an answer as they come. */
export type AnswerSource = {
	readonly dialect: Dialect;
	/** All bytes that are here, or the next ones; undefined at the end. */
	read(): Promise<readonly Buffer[] | undefined>;
	/** Cuts the connection; a `read` under way throws `reason`. */
	abort(reason: Error): void;
	/** Lets it come to its end by itself, for so long. */
	leave(graceMs: number): void;
};

/** All that one call may send us. */
export const ANSWER_BYTES_MAX = 20 * 1024 * 1024;

export function toTooLong(): Error {
	return toProviderFailure("protocol", "the answer is too long");
}
