import type { JsonObject } from "../../dialects/types.ts";
import { AppError } from "../../errors.ts";

/**
 * The whole of a body whose outermost object was scanned already.
 *
 * @throws AppError REQUEST_INVALID, details.reason "json-invalid": what lies deeper is looked at here for the first time
 */
export function parseBody(bytes: Buffer): JsonObject {
	try {
		return JSON.parse(bytes.toString("utf8")) as JsonObject;
	} catch (cause) {
		throw new AppError("REQUEST_INVALID", "the body is no JSON object", {
			cause,
			details: { reason: "json-invalid" },
		});
	}
}
