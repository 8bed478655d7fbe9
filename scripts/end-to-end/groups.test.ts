import { beforeAll, expect, test } from "@jest/globals";
import type { FakeUser } from "../../bots/telegram/testing/fake-state.ts";
import { pollUntil } from "../../core/testing/poll-until.ts";
import { meet, toPerson } from "./person.ts";
import { findAccount, readLedger } from "./read-ledger.ts";
import { useWorld } from "./use-world.ts";

const world = useWorld();

const ANN: FakeUser = { id: 601, is_bot: false, first_name: "Ann", language_code: "en" };
const BOB: FakeUser = { id: 602, is_bot: false, first_name: "Bob", language_code: "en" };
const CAT: FakeUser = { id: 603, is_bot: false, first_name: "Cat", language_code: "en" };
const LONG = Array.from({ length: 50 }, (_, at) => `Sentence ${at} of it.`).join(" ");

beforeAll(() => {
	const { model } = world();
	model.onMessage("endless", { content: LONG }, { chunkSize: 4, latency: 10 });
	model.onMessage("long one", { content: LONG }, { chunkSize: 20, latency: 90 });
	model.onMessage("Sentence", { content: "Glad you like it." });
	model.onMessage(/./, { content: "Yes." });
});

test("nobody stops another person's answer; his own he stops", async () => {
	const { bot } = world();
	const group = toPerson(world(), bot.group({ id: -620 }));
	const question = group.send(`@${bot.username} an endless one`, { from: CAT });
	await pollUntil(() => group.chat.visibleMessages().length > 0);
	const foreign = group.send(`/stop@${bot.username}`, { from: BOB });
	await group.answered(foreign);
	expect(group.since(foreign)).toContain("Nothing of yours is running here.");
	const own = group.send(`/stop@${bot.username}`, { from: CAT });
	await group.answered(question);
	await group.answered(own);
	const answer = group.chat.visibleMessages().find(({ replyToMessageId }) => replyToMessageId === question);
	expect(LONG.startsWith(answer?.text ?? "?")).toBe(true);
	expect(answer?.text.length).toBeLessThan(LONG.length);
});

test("only a mention or a reply is answered, with a reply, by slow edits, from the asker's own tokens", async () => {
	const { bot, telegram } = world();
	await meet(world(), BOB.id).ask("hi");
	const group = toPerson(world(), bot.group({ id: -600 }));
	const saidAt: number[] = [];
	telegram.onCall = ({ method, chatId }) => {
		if (chatId === -600 && method !== "sendChatAction") saidAt.push(performance.now());
	};

	const talk = group.send("What a day", { from: BOB });
	const question = group.send(`@${bot.username} a long one please`, { from: ANN });
	await pollUntil(() => group.chat.visibleMessages().length > 0);
	expect(group.chat.visibleMessages()[0]).toMatchObject({ replyToMessageId: question, text: "…" });
	await group.answered(question);
	const [answer] = group.chat.visibleMessages();
	expect(group.since(talk)).toEqual([LONG]);
	expect(answer?.history[0]).toBe("…");
	expect(answer?.history.length).toBeGreaterThan(2);
	for (const text of answer?.history.slice(1, -1) ?? []) expect(LONG).toContain(text.replace(/ ?…$/, ""));
	// The last edit is the answer itself and waits for nothing.
	const gaps = saidAt.slice(1, -1).map((at, before) => at - (saidAt[before] ?? 0));
	expect(gaps.length).toBeGreaterThan(0);
	for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(3_000);
	const methods = telegram.calls().filter(({ chatId }) => chatId === -600);
	expect(methods.map(({ method }) => method)).not.toContain("sendMessageDraft");

	const reply = group.send("Sentence 3 was the best", { from: BOB, replyTo: answer?.messageId ?? 0 });
	await group.answered(reply);
	expect(group.since(reply)).toEqual(["Glad you like it."]);
	const ann = await readLedger(world(), await findAccount(world(), ANN));
	const bob = await readLedger(world(), await findAccount(world(), BOB));
	expect([ann.calls.length, bob.calls.length]).toEqual([1, 2]);
});

test("what is private is not said in a group, and a bind code shown there is worthless", async () => {
	const { bot } = world();
	const group = toPerson(world(), bot.group({ id: -610 }));
	const usage = group.send(`/usage@${bot.username}`, { from: ANN });
	await group.answered(usage);
	expect(group.since(usage)).toEqual([expect.stringMatching(/private/)]);
	expect(group.since(usage).join()).not.toMatch(/\d,\d{3}/);

	const ann = meet(world(), ANN.id);
	const [link = ""] = await ann.ask("/link");
	const code = /\/bind ([A-Z0-9-]+)/.exec(link)?.[1] ?? "";
	const shown = group.send(`/bind@${bot.username} ${code}`, { from: BOB });
	await group.answered(shown);
	expect(group.since(shown)).toEqual([expect.stringContaining("worthless")]);
	const [refused] = await meet(world(), BOB.id).ask(`/bind ${code}`);
	expect(refused).toContain("BIND_CODE_INVALID");
});

test("in a forum the answer stays in its topic, and topics have conversations of their own", async () => {
	const { bot, model } = world();
	const group = toPerson(world(), bot.group({ id: -1_000_000_000_630, topics: [7, 8] }));
	const one = group.send(`@${bot.username} remember seven`, { from: CAT, topicId: 7 });
	await group.answered(one);
	const two = group.send(`@${bot.username} and eight`, { from: CAT, topicId: 8 });
	await group.answered(two);
	expect(group.chat.visibleMessages().map(({ topicId }) => topicId)).toEqual([7, 8]);
	const said =
		(model.getLastRequest()?.body as { messages?: { content: string }[] } | undefined)?.messages ?? [];
	expect(said.map(({ content }) => content).slice(1)).toEqual(["and eight"]);
});

test("a group that becomes a supergroup keeps its conversation", async () => {
	const { bot, model } = world();
	const group = toPerson(world(), bot.group({ id: -640 }));
	const before = group.send(`@${bot.username} remember the milk`, { from: CAT });
	await group.answered(before);
	group.chat.migrate(-1_000_000_000_640);
	const moved = toPerson(world(), bot.chat(-1_000_000_000_640));
	await pollUntil(async () => {
		const moves = world().db("inbox").whereRaw("body -> 'message' -> 'migrate_to_chat_id' is not null");
		return (await moves.where({ status: "done" }).first("id")) !== undefined;
	});
	const after = moved.send(`@${bot.username} what was it?`, { from: CAT });
	await moved.answered(after);
	const said =
		(model.getLastRequest()?.body as { messages?: { content: string }[] } | undefined)?.messages ?? [];
	expect(said.map(({ content }) => content).slice(1)).toEqual(["remember the milk", "Yes.", "what was it?"]);
});
