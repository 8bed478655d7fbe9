/** Characters of what the engine says that are kept. */
const SAID_LENGTH_MAX = 1_000;

/** The engine answered, and will not. What it says names this machine's paths and images: for the operator, not for an owner. */
export class EngineRefusal extends Error {
	override readonly name = "EngineRefusal";
	readonly status: number;
	readonly said: string;

	constructor(status: number, said: string) {
		super(`refused with ${status}: ${said.slice(0, SAID_LENGTH_MAX)}`);
		this.status = status;
		this.said = said.slice(0, SAID_LENGTH_MAX);
	}
}

/** There is no such thing. */
export function isMissing(error: unknown): boolean {
	return error instanceof EngineRefusal && error.status === 404;
}

/** Undefined where there is no such thing. */
export async function orMissing<Result>(work: Promise<Result>): Promise<Result | undefined> {
	try {
		return await work;
	} catch (error) {
		if (isMissing(error)) return undefined;
		throw error;
	}
}
