import { AppError } from "../../errors.ts";

/** A field of the caller's that cannot be taken. */
export function toRefusal(field: string, why: string): AppError {
	return new AppError("REQUEST_INVALID", `${field} ${why}`, { details: { reason: "field-invalid", field } });
}
