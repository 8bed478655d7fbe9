import { AppError } from "../../../../errors.ts";

/** Nobody can say what is there. */
export function toAway(cause: unknown): AppError {
	return new AppError("INTERNAL", "the runtime does not answer", {
		details: { cause: "runtime-away" },
		cause,
	});
}
