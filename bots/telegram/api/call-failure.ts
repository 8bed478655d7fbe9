/**
 * A call without an answer from Telegram. Knows whether the request may have had an effect, and nothing secret: neither the
 * address (it holds the token) nor the payload, nor a cause that might hold them.
 */
export class CallFailure extends Error {
	override readonly name = "CallFailure";
	readonly method: string;
	/** False: certainly nothing happened, as when no connection came about. */
	readonly mayHaveHappened: boolean;
	/** A system's or library's error code, such as "ECONNREFUSED". */
	readonly why: string;

	constructor(method: string, why: string, mayHaveHappened: boolean) {
		super(`${method}: ${why}`);
		this.method = method;
		this.why = why;
		this.mayHaveHappened = mayHaveHappened;
	}
}
