import { describe, expect, test } from "@jest/globals";
import { createFakeChannel } from "../testing/fake-channel.ts";
import { echo, toAnswer } from "../testing/message-flow.ts";
import { pollUntil } from "../testing/poll-until.ts";
import { useMessageFlow } from "../testing/use-message-flow.ts";
import { resend } from "./resend.ts";

const flow = useMessageFlow();

/** Counted tries of earlier, dead nodes. */
async function setAttempts(inboxId: string, attempts: number): Promise<void> {
	await flow.db("inbox").where({ id: inboxId }).update({ attempts });
}

test("a turn that fails is tried again after a rest; its lane waits, others go on", async () => {
	const channel = createFakeChannel();
	let failures = 1;
	const node = flow.start({
		channel,
		handle: async (turn) => {
			if (turn.lane.endsWith(":1") && failures > 0) {
				failures -= 1;
				throw new Error("a bug");
			}
			return await echo(turn);
		},
	});
	await node.accept({ chatId: "1", text: "a" });
	await node.accept({ chatId: "1", text: "b" });
	await node.accept({ chatId: "2", text: "c" });
	await pollUntil(() => channel.visible("2").includes("<p>re: c</p>"));
	expect(channel.visible("1")).toEqual([]);
	await flow.settle();
	expect(channel.visible("1")).toEqual(["<p>re: a</p>", "<p>re: b</p>"]);
	expect(node.turns.filter((turn) => turn.lane.endsWith(":1")).map((turn) => turn.attempt)).toEqual([
		1, 2, 1,
	]);
	expect(node.log.lines.map((line) => line.message)).toEqual(["turn failed"]);
});

test("trouble of the database is not the message's fault: the attempt does not count", async () => {
	const channel = createFakeChannel();
	let failures = 8;
	const node = flow.start({
		channel,
		handle: async (turn) => {
			failures -= 1;
			if (failures >= 0) throw Object.assign(new Error("terminating connection"), { code: "57P01" });
			return await echo(turn);
		},
	});
	await node.accept({ chatId: "1", text: "a" });
	await flow.settle();
	expect(channel.visible("1")).toEqual(["<p>re: a</p>"]);
	expect(new Set(node.turns.map((turn) => turn.attempt))).toEqual(new Set([1]));
});

describe("a message that fails each time", () => {
	test("is given up after five tries: its sender is told in his language, the lane goes on", async () => {
		await flow.db.raw("insert into accounts (language) values ('zh-CN')");
		const account = await flow.db("accounts").max({ id: "id" }).first();
		await flow
			.db("senders")
			.insert({ platform: "telegram", bot_id: "7", user_id: "1", account_id: account?.["id"] });
		const channel = createFakeChannel({ textLengthMax: 1000 });
		const node = flow.start({ channel, isStarted: false });
		const { inboxId } = await node.accept({ chatId: "1", text: "a" });
		await node.accept({ chatId: "1", text: "b" });
		await setAttempts(inboxId, 5);
		node.worker.start();
		await flow.settle();
		expect(channel.visible("1")).toEqual([expect.stringContaining("我们这边出了问题"), "<p>re: b</p>"]);
		expect(channel.calls.find((call) => call.method === "edit")?.part?.buttons).toEqual([
			[{ label: "重新发送", data: `resend:${inboxId}` }],
		]);
		expect(await flow.row(inboxId)).toMatchObject({
			status: "dead",
			result: { error: { code: "INTERNAL", retryable: true } },
		});
		expect(node.turns).toHaveLength(1);
		expect(node.log.lines[0]).toMatchObject({ level: "error", facts: { alert: "dead_letter", inboxId } });
		await flow.db("senders").del();
	});

	test("and that not even toInbound survives is given up without a word", async () => {
		const channel = createFakeChannel();
		const node = flow.start({ channel, isStarted: false });
		const { inboxId } = await node.accept({ chatId: "1", isPoison: true });
		await node.accept({ chatId: "1", text: "b" });
		await setAttempts(inboxId, 7);
		node.worker.start();
		await flow.settle();
		expect(await flow.row(inboxId)).toMatchObject({ status: "dead" });
		expect(channel.visible("1")).toEqual(["<p>re: b</p>"]);
	});

	test("is counted before the work, so that a node it kills has counted it", async () => {
		const channel = createFakeChannel();
		let seen: unknown;
		const node = flow.start({
			channel,
			handle: async (turn) => {
				seen = (await flow.row(turn.inboxId))["attempts"];
				return toAnswer("ok");
			},
		});
		await node.accept({ chatId: "1", text: "a" });
		await flow.settle();
		expect(seen).toBe(1);
	});
});

describe("Resend", () => {
	const me = { platform: "telegram", botId: "7", userId: "1" } as const;

	async function deadLetter() {
		const channel = createFakeChannel({ textLengthMax: 1000 });
		const node = flow.start({ channel, isStarted: false });
		const { inboxId } = await node.accept({ chatId: "1", text: "a" });
		await setAttempts(inboxId, 5);
		node.worker.start();
		await flow.settle();
		const deps = {
			db: flow.db,
			accept: node.inbox.accept,
			toInbound: ({ body, ...event }: { body: unknown; botId: string; eventId: string }) =>
				channel.toInbound(body, event),
		};
		return { channel, node, inboxId, deps };
	}

	test("queues the message again, once however often it is pressed", async () => {
		const { channel, node, inboxId, deps } = await deadLetter();
		const outcomes = await Promise.all([resend(deps, inboxId, me), resend(deps, inboxId, me)]);
		expect(outcomes).toContain("queued");
		await flow.settle();
		expect(channel.visible("1").filter((text) => text === "<p>re: a</p>")).toHaveLength(1);
		expect(node.turns.map((turn) => turn.attempt)).toEqual([1]);
		expect(await resend(deps, inboxId, me)).toBe("gone");
		expect((await flow.row(inboxId))["status"]).toBe("dead");
	});

	test("is refused to somebody else, for what is not dead, and for nonsense", async () => {
		const { node, inboxId, deps } = await deadLetter();
		expect(await resend(deps, inboxId, { ...me, userId: "2" })).toBe("gone");
		expect(await resend(deps, inboxId, { ...me, botId: "8" })).toBe("gone");
		const other = await node.accept({ chatId: "1", text: "fine" });
		await flow.settle();
		expect(await resend(deps, other.inboxId, me)).toBe("gone");
		for (const nonsense of ["0", "-1", "1e3", "'; drop table inbox", "9".repeat(40), ""]) {
			expect(await resend(deps, nonsense, me)).toBe("gone");
		}
		expect(await flow.db("inbox").where("event_id", "like", "resend:%")).toEqual([]);
	});
});

describe("after a long outage", () => {
	async function age(hours: number): Promise<void> {
		await flow.db.raw("update inbox set received_at = received_at - ? * interval '1 hour'", [hours]);
	}

	test("an answer says that it is late", async () => {
		const channel = createFakeChannel({ textLengthMax: 1000 });
		const node = flow.start({ channel, isStarted: false });
		await node.accept({ chatId: "1", text: "a", languageHint: "en" });
		await age(3);
		node.worker.start();
		await flow.settle();
		expect(channel.visible("1")).toEqual([
			"<p>_Late answer to your message of 3 h ago. Sorry for the wait._\n\nre: a</p>",
		]);
	});

	test("only the last twenty of a lane are answered, in order; the rest is refused, visibly", async () => {
		const channel = createFakeChannel({ textLengthMax: 1000 });
		const node = flow.start({ channel, isStarted: false });
		for (let index = 0; index < 25; index += 1) {
			await node.accept({ chatId: "-1", kind: "group", userId: "5", text: `m${index}` }, undefined, {
				queueMax: 50,
			});
		}
		await age(2);
		await flow.db.raw("update lanes set paced_until = '-infinity'");
		node.worker.start();
		await pollUntil(async () => {
			// Groups have a pace; the test has not the time.
			await flow.db.raw("update lanes set paced_until = '-infinity', next_at = '-infinity'");
			return (await flow.db("lanes").where({ has_work: true }).first()) === undefined;
		});
		const visible = channel.visible("-1");
		expect(visible[0]).toContain("Only the latest 20 will be answered");
		expect(visible.slice(1).map((text) => text.replace(/^.*re: |<\/p>/gs, ""))).toEqual(
			Array.from({ length: 20 }, (_, index) => `m${index + 5}`),
		);
		const statuses = (await flow.db("inbox").orderBy("id").pluck("status")) as string[];
		expect(statuses).toEqual([...Array<string>(5).fill("refused"), ...Array<string>(20).fill("done")]);
	});
});
