/** The first of those who ask; the others' ids follow. */
export const FIRST_CHAT_ID = 5_000_000_000;

/** Words that match no intent, so that an answer is one message. */
export function toQuestion(number: number): string {
	return `And then what happened on day ${number}?`;
}

/** What the provider says to it: another question's answer would be noticed. */
export function answerTo(question: string): string {
	return `You asked: ${question} Nothing much, it rained.`;
}
