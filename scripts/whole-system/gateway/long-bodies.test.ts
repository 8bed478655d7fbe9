import { hash } from "node:crypto";
import { expect, test } from "@jest/globals";
import { PATHS, post, toBody } from "./ask-raw.ts";
import { modelOf, useGateway } from "./use-gateway.ts";

const gateway = useGateway();
const ROUNDS = 4;
const CALLS = 18;
/** Every third caller is gone before he can have an answer. */
const LEAVES_AFTER_MS = 3;

/** As long as what agents send, and like nobody else's. */
function toWords(call: number): string {
	return `${call}: ${hash("sha256", String(call))} `.repeat(300 + 60 * (call % 30));
}

/** A translator makes parts of them. */
function findWords(body: Readonly<Record<string, unknown>>): string {
	const [message] = body["messages"] as { content: string | { text: string }[] }[];
	const content = message?.content ?? "";
	return typeof content === "string" ? content : content.map(({ text }) => text).join("");
}

test("memory that is used again shows nobody what another caller asked", async () => {
	const digest = (text: string): string => hash("sha256", text);
	for (const dialect of ["openai", "anthropic"] as const) {
		gateway.vendor(dialect).answerAlways(({ body }) => {
			return { kind: "text", pieces: [digest(findWords(body))] };
		});
	}
	for (let round = 0; round < ROUNDS; round += 1) {
		await Promise.all(Array.from({ length: CALLS }, async (_, at) => await ask(round * CALLS + at)));
	}

	async function ask(call: number): Promise<void> {
		const content = toWords(call);
		// As it is, and translated.
		const model = modelOf(call % 2 === 0 ? "openai" : "anthropic");
		const body = toBody("openai", model, { messages: [{ role: "user", content }] });
		const leaves = call % 3 === 2;
		const asked = post(gateway.origin(), PATHS.openai, {
			key: gateway.person().key,
			body,
			...(leaves && { signal: AbortSignal.timeout(LEAVES_AFTER_MS) }),
		});
		const answer = await asked.catch(() => undefined);
		if (answer === undefined && leaves) return;
		expect(answer).toMatchObject({ status: 200, text: expect.stringContaining(digest(content)) });
	}
});
