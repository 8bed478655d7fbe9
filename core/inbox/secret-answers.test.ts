import { expect, test } from "@jest/globals";
import type { Reply } from "../pipeline/message.ts";
import { createFakeChannel } from "../testing/fake-channel.ts";
import { settleAll } from "../testing/message-flow.ts";
import { pollUntil } from "../testing/poll-until.ts";
import { silentLog } from "../testing/silent-log.ts";
import { useMessageFlow } from "../testing/use-message-flow.ts";
import { createInbox } from "./accept.ts";
import { blankOldSecretAnswers } from "./secret-answers.ts";

const flow = useMessageFlow();
const KEY = "rp_ab12cd34_shown-once";
const REPLIES: readonly Reply[] = [
	{ markdown: "plain words" },
	{ markdown: `key ${KEY}`, attachment: { filename: "a.json", text: `{"key":"${KEY}"}` }, secret: true },
];

async function answerWith(
	replies: readonly Reply[],
	options: { readonly push: boolean; readonly edit?: boolean },
) {
	const channel = createFakeChannel({ push: options.push, edit: options.edit ?? true });
	const node = flow.start({
		channel,
		handle: async () => ({ result: { replies }, settlements: [], usage: [] }),
	});
	const { inboxId } = await node.accept({ chatId: "1", text: "/key new" });
	await settleAll(flow.testDb);
	return { channel, inboxId };
}

async function stored(): Promise<string> {
	const { rows } = await flow.db.raw(
		`select coalesce(jsonb_agg(i.result)::text, '') || coalesce((select jsonb_agg(o.content)::text from outbox o), '') as all from inbox i`,
	);
	return rows[0].all;
}

async function storedBodies(): Promise<string> {
	return JSON.stringify(await flow.db("inbox").pluck("body"));
}

test.each([true, false])("a secret is blanked as soon as it was delivered (edit: %s)", async (edit) => {
	const { channel } = await answerWith(REPLIES, { push: true, edit });
	expect(channel.visible("1").join("\n")).toContain(KEY);
	await pollUntil(async () => !(await stored()).includes(KEY));
	expect(await stored()).toContain("plain words");
	expect(await flow.db("secret_answers")).toEqual([]);
});

test("a secret that could not be delivered at once is kept until it was, and no longer", async () => {
	const channel = createFakeChannel();
	let isFirst = true;
	channel.script(async (call) => {
		if (call.method !== "edit" || !isFirst) return undefined;
		isFirst = false;
		expect(await stored()).toContain(KEY);
		return { result: { kind: "not-sent", why: "429", retryAfterMs: 1 } };
	});
	const node = flow.start({
		channel,
		handle: async () => ({ result: { replies: REPLIES }, settlements: [], usage: [] }),
	});
	await node.accept({ chatId: "1", text: "/key new" });
	await settleAll(flow.testDb);
	expect(isFirst).toBe(false);
	expect(channel.visible("1").join("\n")).toContain(KEY);
	await pollUntil(async () => !(await stored()).includes(KEY));
});

test("an answer that is fetched can be read for ten minutes", async () => {
	const { inboxId } = await answerWith(REPLIES, { push: false });
	expect(await blankOldSecretAnswers(flow.db)).toBe(0);
	expect(await stored()).toContain(KEY);
	await flow
		.db("inbox")
		.where({ id: inboxId })
		.update({ done_at: flow.db.raw("now() - interval '11 minutes'") });
	expect(await blankOldSecretAnswers(flow.db)).toBe(1);
	expect(await stored()).not.toContain(KEY);
	expect(await stored()).toContain("plain words");
});

test("what is no secret stays", async () => {
	await answerWith([{ markdown: `no secret ${KEY}` }], { push: true });
	expect(await flow.db("secret_answers")).toEqual([]);
	expect(await stored()).toContain(KEY);
});

test("a code that was written is blanked in the event, and nothing else of it", async () => {
	const code = 'AB"1-\u00e9\u2013CDE';
	const node = flow.start({
		channel: createFakeChannel(),
		handle: async () => ({ result: { replies: [] }, settlements: [], usage: [], forgets: [code] }),
	});
	const { inboxId } = await node.accept({ chatId: "1", text: `/bind ${code} please` });
	await settleAll(flow.testDb);
	const row = flow.db("inbox").where({ id: inboxId });
	await pollUntil(async () => (await flow.db("secret_answers")).length === 0);
	expect((await row.first("body")).body).toMatchObject({ chatId: "1", text: "/bind … please" });
	const again = await node.accept({ chatId: "1", text: `/bind ${code} please` });
	expect(again.kind).toBe("new");
});

test("a code in an event that is refused unread is blanked by the job, other words stay", async () => {
	const inbox = createInbox({ db: flow.db, log: silentLog() });
	const event = { platform: "telegram", botId: "1", lane: "full", queueMax: 0 } as const;
	const bodies = ["/bind ABCDE-12345", "no code here", "take FGHJK-12345"];
	for (const [at, text] of bodies.entries())
		await inbox.accept({ ...event, eventId: String(at), bodyJson: JSON.stringify({ text }) });
	expect(await flow.db("secret_answers").pluck("forgets")).toEqual([null, null]);
	expect(await blankOldSecretAnswers(flow.db)).toBe(1);
	expect(await flow.db("inbox").orderBy("id").pluck("body")).toEqual([
		{ text: bodies[0] },
		{ text: "no code here" },
		{ text: "take …" },
	]);
	expect(await flow.db("secret_answers")).toEqual([]);
});

test("a code in an event that is only told to be one too many is blanked with the notice", async () => {
	const channel = createFakeChannel();
	const node = flow.start({ channel, handle: async () => await Promise.reject(new Error("never asked")) });
	await node.accept({ chatId: "1", text: "/bind ABCDE-12345" }, "1", { queueMax: 0 });
	await settleAll(flow.testDb);
	await pollUntil(async () => !(await storedBodies()).includes("ABCDE"));
	expect(channel.visible("1").join("")).toContain("Too many messages at once");
});

test("a code in a dead event is kept while its sender will send it again, and no longer", async () => {
	const node = flow.start({
		channel: createFakeChannel(),
		isStarted: false,
	});
	const { inboxId } = await node.accept({ chatId: "1", text: "/bind ABCDE-12345" });
	await flow.db("inbox").where({ id: inboxId }).update({ attempts: 5 });
	flow.start({
		channel: createFakeChannel(),
		handle: async () => await Promise.reject(new Error("never asked")),
	});
	await settleAll(flow.testDb);
	expect(await storedBodies()).toContain("ABCDE-12345");
	expect(await blankOldSecretAnswers(flow.db)).toBe(0);
	await flow.db("inbox").update({ done_at: flow.db.raw("now() - interval '11 minutes'") });
	expect(await blankOldSecretAnswers(flow.db)).toBe(1);
	expect(await storedBodies()).not.toContain("ABCDE");
});

test("words whose removal would leave no JSON take the event with them", async () => {
	const { rows } = await flow.db.raw("select body_without(?::jsonb, ?) as body", [
		JSON.stringify({ text: "a\nb" }),
		["nb"],
	]);
	expect(rows[0].body).toEqual({});
});
