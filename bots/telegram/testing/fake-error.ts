/** A refusal as the Bot API words it; becomes `{ ok: false, error_code, description, parameters }`. */
export class FakeApiError extends Error {
	override readonly name = "FakeApiError";
	readonly status: number;
	readonly parameters: Readonly<Record<string, number>> | undefined;

	constructor(status: number, description: string, parameters?: Readonly<Record<string, number>>) {
		super(description);
		this.status = status;
		this.parameters = parameters;
	}
}

export function badRequest(reason: string): FakeApiError {
	return new FakeApiError(400, `Bad Request: ${reason}`);
}

export function forbidden(reason: string): FakeApiError {
	return new FakeApiError(403, `Forbidden: ${reason}`);
}

export function conflict(reason: string): FakeApiError {
	return new FakeApiError(409, `Conflict: ${reason}`);
}

/** @param retryAfterSeconds what the caller must wait */
export function tooManyRequests(retryAfterSeconds: number): FakeApiError {
	return new FakeApiError(429, `Too Many Requests: retry after ${retryAfterSeconds}`, {
		retry_after: retryAfterSeconds,
	});
}
