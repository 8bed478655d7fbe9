import { AppError } from "../../../core/errors.ts";
import { httpProblem } from "../http-problem.ts";

/**
 * A call through core's door, bounded. A database that fails or hangs is "come back soon" (503), not a bug of ours (500).
 * @throws AppError whatever core says; 503 for anything it did not expect, or when it is late.
 */
export async function callCore<Result>(call: () => Promise<Result>, timeoutMs: number): Promise<Result> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(httpProblem("store-unavailable")), timeoutMs);
	});
	try {
		return await Promise.race([call(), late]);
	} catch (error) {
		if (error instanceof AppError && error.code !== "INTERNAL") throw error;
		if (error instanceof AppError && error.status === 503) throw error;
		throw httpProblem("store-unavailable", {}, error);
	} finally {
		clearTimeout(timer);
	}
}
