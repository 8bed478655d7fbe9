import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { httpProblem } from "../http-problem.ts";

export type IdempotencyKey = {
	readonly value: string;
	/** False: we made one, so nobody else can know it before the answer. */
	readonly isChosen: boolean;
};

/** @throws AppError 400 unless the header is absent or sent once with 1–255 visible ASCII characters. */
export function readIdempotencyKey(request: IncomingMessage): IdempotencyKey {
	const values = request.headersDistinct["idempotency-key"] ?? [];
	const [value] = values;
	if (value === undefined) return { value: randomUUID(), isChosen: false };
	if (values.length > 1 || !/^[\x21-\x7e]{1,255}$/.test(value)) throw httpProblem("idempotency-key-invalid");
	return { value, isChosen: true };
}
