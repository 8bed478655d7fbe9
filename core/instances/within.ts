import { AppError } from "../errors.ts";

/**
 * Waits so long and no longer for a runtime. The work goes on; what came of it is seen by looking again.
 *
 * @throws AppError INTERNAL, details.cause "runtime-away" where the time is over; whatever the work throws
 */
export async function within<Result>(work: Promise<Result>, ms: number): Promise<Result> {
	const late = Promise.withResolvers<never>();
	const timer = setTimeout(
		() =>
			late.reject(
				new AppError("INTERNAL", `no answer of the runtime after ${ms} ms`, {
					details: { cause: "runtime-away" },
				}),
			),
		ms,
	);
	try {
		return await Promise.race([work, late.promise]);
	} finally {
		clearTimeout(timer);
	}
}
