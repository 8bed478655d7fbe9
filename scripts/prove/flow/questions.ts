/** Words that match no intent, so that an answer is one message. */
export function toQuestion(person: number, question: number): string {
	return `What came of number ${person}.${question}?`;
}

const QUESTION = /number (\d+\.\d+)\?/;

/** What the vendor says to it, in two pieces; undefined for words that are no question of ours. */
export function answerTo(text: string): readonly [string, string] | undefined {
	const [, number] = QUESTION.exec(text) ?? [];
	return number === undefined ? undefined : [`Answer ${number}`, " is given."];
}
