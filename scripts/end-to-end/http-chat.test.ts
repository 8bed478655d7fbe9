import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Agent } from "undici";
import { countTokens } from "../../core/models/count-tokens.ts";
import type { FakeAnswer } from "../../core/testing/fake-provider-server.ts";
import { pollUntil } from "../../core/testing/poll-until.ts";
import type { ChatQuestion } from "../whole-system/testing/ask-over-http.ts";
import { askOverHttp } from "../whole-system/testing/ask-over-http.ts";
import { meet } from "./person.ts";
import type { ChatEvent } from "./read-events.ts";
import { openChatStream } from "./read-events.ts";
import { findAccount, readLedger } from "./read-ledger.ts";
import { useWorld } from "./use-world.ts";

const world = useWorld({ answeredBy: "vendor" });
const agent = new Agent({ keepAliveTimeout: 100 });
afterAll(async () => await agent.destroy());

const PIECES = Array.from({ length: 400 }, (_, day) => `Day ${day}: nothing. `);
const STORY: FakeAnswer = { kind: "text", pieces: PIECES, gapMs: 50 };
const SONG: FakeAnswer = { kind: "text", pieces: Array<string>(12).fill("la "), gapMs: 30 };
const SHORT: FakeAnswer = {
	kind: "text",
	pieces: ["Four ", "words ", "of ", "mine."],
	gapMs: 5,
	usage: { input: 130, output: 5 },
};

beforeAll(() => {
	world().vendor.answerAlways(({ body }) => {
		const question = JSON.stringify((body["messages"] as unknown[]).at(-1));
		if (question.includes("song")) return SONG;
		return question.includes("story") ? STORY : SHORT;
	});
});

/** Somebody who asked for a key in his chat. */
async function keyOf(id: number) {
	const person = meet(world(), id);
	const [text = ""] = await person.ask("/key new");
	const key = /rp_\w{8}_[\w-]{43}/.exec(text)?.[0] ?? "";
	expect(key).not.toBe("");
	const accountId = await findAccount(world(), person.chat);
	const port = Number(new URL(world().url).port);
	return {
		person,
		key,
		accountId,
		ask: async (question: ChatQuestion | string) => await askOverHttp(agent, port, key, question),
		stream: async (message: string, idempotencyKey?: string) =>
			await openChatStream(agent, world().url, key, {
				message,
				...(idempotencyKey !== undefined && { idempotencyKey }),
			}),
	};
}

async function collect(events: AsyncIterable<ChatEvent>): Promise<readonly ChatEvent[]> {
	const all: ChatEvent[] = [];
	for await (const event of events) all.push(event);
	return all;
}

describe("POST /v1/chat", () => {
	test("answers in JSON with a key from the chat, from the same tokens", async () => {
		const { accountId, ask, person } = await keyOf(901);
		const { status, body } = await ask("Say something");
		expect(status).toBe(200);
		expect(body).toMatchObject({
			message: "Four words of mine.",
			conversation: "default",
			usage: { inputTokens: 130, outputTokens: 5, chargedTokens: 135 },
		});
		const ledger = await readLedger(world(), accountId);
		expect(ledger).toMatchObject({ posted: 135, pending: 0 });
		expect(ledger.calls).toEqual([expect.objectContaining({ channel: "http", charged: 135 })]);
		expect((await person.ask("/usage"))[0]).toContain("Used in this period: 135 of 5,000");
		const usage = await ask("/usage");
		expect(usage.body.message).toContain("**135** of 5,000");
		expect(usage.body.usage).toEqual({ inputTokens: 0, outputTokens: 0, chargedTokens: 0 });
	});

	test("answers as a stream: pieces, then the whole", async () => {
		const { accountId, stream } = await keyOf(902);
		const { status, events } = await stream("Say something");
		expect(status).toBe(200);
		const all = await collect(events);
		const text = all.filter(({ event }) => event === "delta").map(({ data }) => data["text"]);
		expect(text.join("")).toBe("Four words of mine.");
		expect(all.at(-1)).toMatchObject({
			event: "done",
			data: { message: "Four words of mine.", usage: { chargedTokens: 135 } },
		});
		expect(await readLedger(world(), accountId)).toMatchObject({ posted: 135, pending: 0 });
	});

	test("the same Idempotency-Key gets the same answer for one charge, in either form and at the same time", async () => {
		const { accountId, ask, stream } = await keyOf(903);
		const question = { message: "Say it once", idempotencyKey: "order-17" };
		const asked = world().vendor.requests.length;
		const [one, two] = await Promise.all([ask(question), ask(question)]);
		const again = await ask(question);
		expect(two.body).toEqual(one.body);
		expect(again.body).toEqual(one.body);
		const all = await collect((await stream("Say it once", "order-17")).events);
		expect(all.at(-1)).toMatchObject({ event: "done", data: { id: one.body.id, message: one.body.message } });
		expect(world().vendor.requests).toHaveLength(asked + 1);
		expect((await readLedger(world(), accountId)).calls).toHaveLength(1);

		const other = await ask({ message: "Something else", idempotencyKey: "order-17" });
		expect([other.status, other.body.error?.["code"]]).toEqual([409, "REQUEST_INVALID"]);
		// Another account may use the same words.
		const stranger = await keyOf(904);
		const foreign = await stranger.ask({ message: "Something else", idempotencyKey: "order-17" });
		expect([foreign.status, foreign.body.id === one.body.id]).toEqual([200, false]);
	});

	test("leaving the stream stops the answer, its vendor and its bill", async () => {
		const { accountId, stream } = await keyOf(905);
		const { events, leave } = await stream("Tell me a story");
		let heard = "";
		for await (const { event, data } of events) {
			if (event === "delta") heard += String(data["text"]);
			if (heard.includes("Day 3")) break;
		}
		leave();
		await pollUntil(async () => (await readLedger(world(), accountId)).calls.length > 0);
		await pollUntil(() => world().vendor.openConnectionCount() === 0);
		const { calls, posted, pending } = await readLedger(world(), accountId);
		const [{ input = 0, output = 0, charged = 0, outcome = "" } = {}] = calls;
		expect(outcome).toBe("stopped");
		expect(charged).toBe(input + output);
		expect(output).toBeGreaterThanOrEqual(await countTokens(heard.trim()));
		expect(output).toBeLessThan((await countTokens(PIECES.join(""))) / 2);
		expect({ posted, pending }).toEqual({ posted: charged, pending: 0 });
	});

	test("a caller who leaves while another waits for the same answer does not stop it", async () => {
		const { stream, accountId } = await keyOf(906);
		const first = await stream("Sing a song", "shared");
		const second = await stream("Sing a song", "shared");
		first.leave();
		const all = await collect(second.events);
		expect(all.at(-1)).toMatchObject({ event: "done", data: { message: "la ".repeat(12) } });
		expect((await readLedger(world(), accountId)).calls).toEqual([
			expect.objectContaining({ outcome: "complete" }),
		]);
	});

	test.each([
		["no key", "", 401],
		["a key that nobody has", `rp_abcdefgh_${"A".repeat(43)}`, 401],
	])("%s is refused in the form of the contract", async (_, key, status) => {
		const answer = await askOverHttp(agent, Number(new URL(world().url).port), key, "hi");
		expect(answer.status).toBe(status);
		expect(answer.body.error).toMatchObject({
			code: "AUTH_INVALID_CREDENTIALS",
			retryable: false,
			supportUrl: "https://rockpool.test/help",
			requestId: expect.any(String),
		});
	});
});

describe("/key", () => {
	test("a revoked key works no more, at once", async () => {
		const { ask, key, person } = await keyOf(911);
		expect((await ask("hi")).status).toBe(200);
		const id = key.split("_")[1];
		expect((await person.ask("/key"))[0]).toContain(id);
		expect((await person.ask(`/key revoke ${id}`))[0]).toContain("is revoked");
		expect((await ask("hi again")).status).toBe(401);
	});
});

test("the health of a running node", async () => {
	const get = async (path: string) => {
		const { statusCode, body } = await agent.request({ origin: world().url, path, method: "GET" });
		return [statusCode, await body.json()];
	};
	expect(await get("/healthz")).toEqual([200, { status: "ok" }]);
	expect(await get("/readyz")).toEqual([200, { status: "ready" }]);
});
