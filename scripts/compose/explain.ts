/** Runs a step of the start; its failure carries, as its message, what could not be done and where to look. */
export async function during<Result>(what: string, step: () => Promise<Result>): Promise<Result> {
	try {
		return await step();
	} catch (error) {
		throw new Error(what, { cause: error });
	}
}

const CAUSES_MAX = 5;

/** One line from an error and its causes, the outermost first, for an operator who has no log at hand. */
export function toReason(error: unknown): string {
	const words: string[] = [];
	let next = error;
	for (let depth = 0; depth < CAUSES_MAX && next !== undefined && next !== null; depth += 1) {
		const message = toMessage(next);
		if (message !== "" && !words.includes(message)) words.push(message);
		next = next instanceof Error ? next.cause : undefined;
	}
	return words.length === 0 ? "for no known reason" : words.join(": ");
}

/** A connection that was tried at several addresses fails with several errors and no words of its own. */
function toMessage(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	if (error.message !== "" || !(error instanceof AggregateError)) return error.message;
	return error.errors.map(toMessage).join(", ");
}
