import { beforeAll, describe, expect, test } from "@jest/globals";
import { pollUntil } from "../../core/testing/poll-until.ts";
import { passTimeUntil } from "./faults.ts";
import { meet } from "./person.ts";
import { findAccount, readLedger } from "./read-ledger.ts";
import { useWorld } from "./use-world.ts";

const world = useWorld();
const ANSWER = "Plain and **bold**.";
const SHOWN = "Plain and bold.";

beforeAll(() => {
	world().model.onMessage("slow", { content: ANSWER.repeat(30) }, { chunkSize: 10, latency: 25 });
	world().model.onMessage(/./, { content: ANSWER });
});

/** Somebody who was greeted already, so that whatever he reads next is an answer. */
async function known(id: number) {
	const person = meet(world(), id);
	await person.ask("/new");
	return person;
}

/** Methods and statuses of the calls in one chat. */
function callsIn(chatId: number): readonly string[] {
	return world()
		.telegram.calls()
		.filter((call) => call.chatId === chatId)
		.map(({ method, status }) => `${method} ${status ?? "dropped"}`);
}

/** Longer than two answers to somebody else take on a busy machine. */
const WAIT_SECONDS = 6;

describe("429", () => {
	test("one chat waits as long as it is told, and is not tried before; others go on", async () => {
		const [ann, bob] = [await known(401), await known(402)];
		ann.chat.faults.failNext("sendMessage", { kind: "rate-limit", retryAfterSeconds: WAIT_SECONDS });
		const question = ann.send("Hello?");
		await pollUntil(() => callsIn(401).includes("sendMessage 429"));
		const toldAt = performance.now();
		expect(await bob.ask("Hello?")).toEqual([SHOWN]);
		expect(await bob.ask("Still there?")).toEqual([SHOWN]);
		expect(ann.since(question)).toEqual([]);
		await ann.answered(question);
		expect(performance.now() - toldAt).toBeGreaterThan(WAIT_SECONDS * 950);
		expect(ann.since(question)).toEqual([SHOWN]);
		expect(callsIn(401).filter((call) => call.endsWith("429"))).toHaveLength(1);
	});

	test("of a draft ends the preview for that time; the answer comes all the same", async () => {
		const ann = await known(403);
		ann.chat.faults.failNext("sendMessageDraft", { kind: "rate-limit", retryAfterSeconds: 1 });
		const [answer] = await ann.ask("slow, please");
		expect(answer).toBe(SHOWN.repeat(30));
		expect(callsIn(403).filter((call) => call.endsWith("429"))).toEqual(["sendMessageDraft 429"]);
	});
});

describe("what Telegram does not like or did not say", () => {
	test("text it cannot parse goes as plain text", async () => {
		const ann = await known(411);
		const description = "Bad Request: can't parse entities: Unsupported start tag at byte offset 1";
		ann.chat.faults.failNext("editMessageText", { kind: "refuse", status: 400, description });
		const question = ann.send("Hello?");
		await ann.answered(question);
		expect(ann.since(question)).toEqual([SHOWN]);
		expect(ann.chat.visibleMessages().at(-1)?.entities).toEqual([]);
	});

	test.each([
		["an edit that happened although nobody said so", "editMessageText", 412, ["editMessageText 400"]],
		["a server error after the edit", "editMessageText", 413, ["editMessageText 400"]],
		["an edit that never arrived", "editMessageText", 414, ["editMessageText 200"]],
	] as const)("%s is repeated, and the answer is there once", async (_, method, id, repeated) => {
		const ann = await known(id);
		const kinds = { 412: "drop-after", 413: "error-after", 414: "drop-before" } as const;
		ann.chat.faults.failNext(method, { kind: kinds[id] });
		const question = ann.send("Hello?");
		await passTimeUntil(world().db, ann.answered(question));
		expect(ann.since(question)).toEqual([SHOWN]);
		// "message is not modified" where the first one had arrived.
		expect(callsIn(id).slice(-1)).toEqual(repeated);
	});

	test("a placeholder of which nobody knows may stay; the answer is there once", async () => {
		const ann = await known(415);
		ann.chat.faults.failNext("sendMessage", { kind: "drop-after" });
		const question = ann.send("Hello?");
		await passTimeUntil(world().db, ann.answered(question));
		expect(ann.since(question)).toEqual(["…", SHOWN]);
	});

	test("a placeholder that the person deletes is sent once more", async () => {
		const ann = await known(416);
		const description = "Bad Request: message to edit not found";
		ann.chat.faults.failNext("editMessageText", { kind: "refuse", status: 400, description });
		const question = ann.send("Hello?");
		await ann.answered(question);
		expect(ann.since(question)).toEqual(["…", SHOWN]);
	});

	test("Telegram away for a while: the answer waits, is not asked for again, and is charged once", async () => {
		const ann = await known(417);
		const asked = world().model.getRequests().length;
		ann.chat.faults.failNext("sendMessage", { kind: "html-error" }, 2);
		ann.chat.faults.failNext("editMessageText", { kind: "server-error", status: 502 }, 2);
		const question = ann.send("Hello?");
		await passTimeUntil(world().db, ann.answered(question));
		expect(ann.since(question).at(-1)).toBe(SHOWN);
		expect(ann.since(question).filter((text) => text === SHOWN)).toHaveLength(1);
		expect(world().model.getRequests()).toHaveLength(asked + 1);
		expect((await readLedger(world(), await findAccount(world(), ann.chat))).calls).toHaveLength(1);
	});
});

describe("a person who blocks the bot", () => {
	const isReachable = async (id: number) =>
		(
			await world()
				.db("senders")
				.where({ user_id: String(id) })
				.first<{ reachable: boolean }>()
		)?.reachable;

	test("while he is answered is not tried again, and finds the answer when he is back", async () => {
		const ann = await known(421);
		const question = ann.send("slow, please");
		await pollUntil(() => ann.chat.drafts().length > 0);
		ann.chat.block();
		await ann.answered(question);
		await world().settle();
		expect(ann.since(question)).toEqual([]);
		expect(await isReachable(421)).toBe(false);
		expect(
			callsIn(421)
				.filter((call) => call.startsWith("sendMessage "))
				.slice(-1),
		).toEqual(["sendMessage 403"]);
		expect(callsIn(421).filter((call) => call === "sendMessage 403")).toHaveLength(1);

		ann.chat.unblock();
		expect(await ann.ask("/last")).toEqual([SHOWN.repeat(30)]);
		expect(await isReachable(421)).toBe(true);
	});

	test("is known to be away by Telegram's word, and to be back by his own", async () => {
		const ann = await known(422);
		ann.chat.block();
		await pollUntil(async () => (await isReachable(422)) === false);
		ann.chat.unblock();
		await pollUntil(async () => (await isReachable(422)) === true);
		expect(await ann.ask("Hello?")).toEqual([SHOWN]);
	});
});
