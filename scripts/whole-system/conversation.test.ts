import { describe, expect, test } from "@jest/globals";
import { countTokens } from "../../core/models/count-tokens.ts";
import type { FakeRequest } from "../../core/testing/fake-provider-server.ts";
import { pipelineTexts } from "../../core/texts/pipeline.ts";
import { readCharges } from "./testing/read-charges.ts";
import { useWorlds } from "./testing/use-worlds.ts";

const worlds = useWorlds();

/** What the vendor was sent, without the system prompt. */
function talkOf(request: FakeRequest | undefined): readonly string[] {
	const messages = (request?.body["messages"] ?? []) as readonly { role: string; content: string }[];
	return messages.filter(({ role }) => role !== "system").map(({ role, content }) => `${role}: ${content}`);
}

function systemOf(request: FakeRequest | undefined): string {
	const messages = (request?.body["messages"] ?? []) as readonly { role: string; content: string }[];
	return messages.find(({ role }) => role === "system")?.content ?? "";
}

describe("a conversation", () => {
	test("is sent along with each question, until /new; others of the account know nothing of it", async () => {
		const world = await worlds.open();
		const vendor = await world.addProvider({ id: "one" });
		const node = await world.startNode();
		const { key } = await world.addPerson({ planId: "pro_40" });
		await world.ask(node, key, "first");
		await world.ask(node, key, "second");
		expect(talkOf(vendor.requests[1])).toEqual(["user: first", "assistant: hello", "user: second"]);
		await world.ask(node, key, { message: "third", conversation: "other" });
		expect(talkOf(vendor.requests[2])).toEqual(["user: third"]);
		await world.ask(node, key, "/new");
		await world.ask(node, key, "fourth");
		expect(talkOf(vendor.requests[3])).toEqual(["user: fourth"]);
		await world.ask(node, key, "fifth");
		expect(talkOf(vendor.requests[4])).toEqual(["user: fourth", "assistant: hello", "user: fifth"]);
		await world.ask(node, key, { message: "sixth", conversation: "other" });
		expect(talkOf(vendor.requests[5])).toEqual(["user: third", "assistant: hello", "user: sixth"]);
	});

	test("keeps to its budget of tokens from the newest on, and never begins with an answer", async () => {
		const question = "Tell me about the number";
		const tokens = await countTokens(`${question} 0`);
		// Room for two questions and two answers, and an odd answer more.
		const budget = 2 * (tokens + 1) + 1;
		const world = await worlds.open({ HISTORY_TOKENS_MAX: String(budget) });
		const vendor = await world.addProvider({ id: "one" });
		const node = await world.startNode();
		const { key } = await world.addPerson({ planId: "pro_40" });
		for (let number = 0; number < 4; number += 1) await world.ask(node, key, `${question} ${number}`);
		expect(talkOf(vendor.requests[3])).toEqual([
			`user: ${question} 1`,
			"assistant: hello",
			`user: ${question} 2`,
			"assistant: hello",
			`user: ${question} 3`,
		]);
		await world.ask(node, key, "A question far beyond what the budget has room for. ".repeat(10));
		await world.ask(node, key, "and now?");
		expect(talkOf(vendor.requests[5])).toEqual(["user: and now?"]);
	});

	test("does not remember what failed, and remembers what was cut", async () => {
		const world = await worlds.open();
		const vendor = await world.addProvider({ id: "one" });
		const node = await world.startNode();
		const { key } = await world.addPerson();
		vendor.answerNext({ kind: "status", status: 500 });
		expect(await world.ask(node, key, "lost")).toMatchObject({ status: 503 });
		vendor.answerNext({ kind: "text", pieces: ["half "], after: { pieces: 1, follow: "cut" } });
		await world.ask(node, key, "cut");
		await world.ask(node, key, "whole");
		expect(talkOf(vendor.requests[2])).toEqual(["user: cut", "assistant: half ", "user: whole"]);
	});
});

describe("words that fit an agent", () => {
	test("bring an offer; one tap, and its persona and skills shape the next request", async () => {
		const world = await worlds.openTelegram();
		const vendor = await world.addProvider({ id: "one" });
		await world.startNode();
		const chat = world.openChat();
		const offer = pipelineTexts.offerAgents.en;
		expect(await world.say(chat, "Good morning")).not.toContain(offer);
		expect(await world.say(chat, "There is a bug in my code, can you refactor it?")).toContain(offer);
		expect(systemOf(vendor.requests[1])).not.toContain("senior software engineer");
		expect(await world.tap(chat, "agent:coder")).toContain("Coder");
		const said = await world.say(chat, "So what about that bug?");
		// It answers already, so it is not offered again.
		expect(said).not.toContain(offer);
		const { rows } = await world.db.raw("select id, persona from agents where id = 'coder'");
		const system = systemOf(vendor.requests[2]);
		expect(system).toContain(rows[0].persona);
		expect(system).toContain("Skills the user switched on for you");
		expect(system).toContain(systemOf(vendor.requests[0]));
		const used = await world.db("usage_log").orderBy("id").pluck("agent_id");
		expect(used).toEqual([null, null, "coder"]);
	});

	test("are found in Chinese and Russian, and the agent can be sent away again", async () => {
		const world = await worlds.openTelegram();
		const vendor = await world.addProvider({ id: "one" });
		await world.startNode();
		const chinese = world.openChat("zh-hans");
		expect(await world.say(chinese, "帮我做数据分析")).toContain(pipelineTexts.offerAgents["zh-CN"]);
		await world.tap(chinese, "agent:ops");
		await world.say(chinese, "继续");
		expect(systemOf(vendor.requests[1])).toContain("growth analyst");
		await world.say(chinese, "/agents");
		await world.tap(chinese, "agent:none");
		await world.say(chinese, "继续");
		expect(systemOf(vendor.requests[2])).not.toContain("growth analyst");
		const russian = world.openChat("ru");
		expect(await world.say(russian, "в коде баг")).toContain(pipelineTexts.offerAgents.ru);
	});

	test("inside other words bring nothing", async () => {
		const world = await worlds.openTelegram();
		await world.addProvider({ id: "one" });
		await world.startNode();
		const said = await world.say(world.openChat(), "The capital of debugland has therapists");
		expect(said).not.toContain(pipelineTexts.offerAgents.en);
	});
});

describe("/retry", () => {
	test("gives back what a broken answer cost and asks again; a good answer is paid for again", async () => {
		const world = await worlds.openTelegram();
		const vendor = await world.addProvider({ id: "one" });
		await world.startNode();
		const chat = world.openChat();
		const { accountId } = await world.addPerson({ sender: world.toSender(chat), planId: "pro_40" });
		vendor.answerNext({ kind: "text", pieces: ["Once ", "upon "], after: { pieces: 2, follow: "cut" } });
		const cut = await world.say(chat, "Tell me a story");
		expect(cut).toContain("Once upon");
		const [{ charged = 0 } = {}] = (await readCharges(world.db, accountId)).reservations;
		expect(charged).toBeGreaterThan(0);
		const again = await world.tap(chat, "retry");
		expect(again).toContain(pipelineTexts.refunded.en);
		expect(again).toContain("hello");
		expect(talkOf(vendor.requests[1]).at(-1)).toBe("user: Tell me a story");
		const refunds = async () =>
			await world
				.db("ledger_buckets")
				.where({ account_id: accountId, kind: "goodwill" })
				.pluck("granted_micro");
		expect((await refunds()).map(Number)).toEqual([charged * 1_000_000]);

		expect(await world.say(chat, "/retry")).toBe("hello");
		expect(await refunds()).toHaveLength(1);
		const { usage } = await readCharges(world.db, accountId);
		expect(usage.map((entry) => [entry.outcome, entry.charged])).toEqual([
			["cut", charged],
			["complete", 22],
			["complete", 22],
		]);
	});

	test("of a turn that failed for nothing asks again and speaks of no refund", async () => {
		const world = await worlds.open();
		const vendor = await world.addProvider({ id: "one" });
		const node = await world.startNode();
		const { accountId, key } = await world.addPerson();
		vendor.answerNext({ kind: "status", status: 500 });
		expect(await world.ask(node, key, "Tell me a story")).toMatchObject({ status: 503 });
		expect(await world.ask(node, key, "/retry")).toMatchObject({ status: 200, body: { message: "hello" } });
		expect(talkOf(vendor.requests[1])).toEqual(["user: Tell me a story"]);
		expect(await world.db("ledger_buckets").where({ account_id: accountId, kind: "goodwill" })).toEqual([]);
	});
});
