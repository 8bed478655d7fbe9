import { AppError } from "../../errors.ts";

/** Source: security, S22. */
export const DEPTH_MAX = 32;

const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Which brackets are open, and what lies directly in the outermost one. */
export class Nesting {
	readonly #closers: number[] = [];
	#isArray = false;
	#commas = 0;
	#isEmpty = true;

	/** Something is inside. */
	note(): void {
		this.#isEmpty = false;
	}

	/** One character outside of strings; true when it closes the outermost bracket. */
	take(code: number): boolean {
		if (code === OPEN_BRACE || code === OPEN_BRACKET) this.#open(code);
		else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
			if (this.#closers.pop() !== code) throw toInvalid();
			return this.#closers.length === 0;
		} else if (code !== COMMA) this.#isEmpty = false;
		else if (this.#closers.length === 1) this.#commas += 1;
		return false;
	}

	/** Undefined where it is no array. */
	elements(): number | undefined {
		if (!this.#isArray) return undefined;
		return this.#isEmpty ? 0 : this.#commas + 1;
	}

	#open(code: number): void {
		if (this.#closers.length === 0) this.#isArray = code === OPEN_BRACKET;
		else this.#isEmpty = false;
		this.#closers.push(code === OPEN_BRACE ? CLOSE_BRACE : CLOSE_BRACKET);
		// The outermost object is the first level.
		if (this.#closers.length >= DEPTH_MAX) throw toTooDeep();
	}
}

export function toInvalid(): AppError {
	return new AppError("REQUEST_INVALID", "the body is no JSON object", {
		details: { reason: "json-invalid" },
	});
}

function toTooDeep(): AppError {
	return new AppError("REQUEST_INVALID", `nested deeper than ${DEPTH_MAX}`, {
		details: { reason: "json-too-deep" },
	});
}
