import { describe, expect, test } from "@jest/globals";
import type { FakeCall } from "../testing/fake-channel.ts";
import { createFakeChannel } from "../testing/fake-channel.ts";
import { echo } from "../testing/message-flow.ts";
import { pollUntil } from "../testing/poll-until.ts";
import { useMessageFlow } from "../testing/use-message-flow.ts";
import { claimLanes } from "./claim.ts";
import { createWriteState } from "./write-state.ts";

const flow = useMessageFlow();

/** A promise and the way to end it. */
function gate(): { readonly opened: Promise<void>; open(): void } {
	let open: () => void = () => undefined;
	const opened = new Promise<void>((resolve) => {
		open = resolve;
	});
	return { opened, open: () => open() };
}

function sends(calls: readonly FakeCall[]): string[] {
	return calls
		.filter((call) => call.method === "send" || call.method === "edit")
		.map((call) => `${call.method} ${call.text}`);
}

/** A node that sleeps takes nothing anew: its one place is taken by the turn it sleeps in. */
const ASLEEP = { concurrency: 1 } as const;

describe("a node that stops in the middle and wakes up after another took over (cases 5 to 14)", () => {
	test("during the model call: the other answers; the sleeper's answer is discarded, and it sends nothing", async () => {
		const channel = createFakeChannel();
		const asleep = gate();
		const sleeper = flow.start({
			channel: createFakeChannel(),
			...ASLEEP,
			handle: async (turn) => {
				await asleep.opened;
				return await echo(turn);
			},
		});
		const { inboxId } = await sleeper.accept({ chatId: "1", text: "hi" });
		await pollUntil(() => sleeper.turns.length === 1);
		await flow.passTime();
		const other = flow.start({ channel });
		await flow.settle();
		asleep.open();
		await pollUntil(() => sleeper.worker.size === 0);
		expect(other.turns.map((turn) => turn.attempt)).toEqual([2]);
		expect(channel.visible("1")).toEqual(["<p>re: hi</p>"]);
		expect(await flow.row(inboxId)).toMatchObject({ status: "done", attempts: 2 });
		expect(await flow.parts()).toHaveLength(1);
	});

	test.each([
		["the placeholder", "send", ["…", "<p>re: hi</p>"]],
		["the edit", "edit", ["<p>re: hi</p>"]],
	] as const)(
		"while %s is under way: one answer is visible, whatever the sleeper's request did",
		async (_, method, visible) => {
			const channel = createFakeChannel();
			const asleep = gate();
			let isFirst = true;
			channel.script(async (call) => {
				if (call.method !== method || !isFirst) return undefined;
				isFirst = false;
				await asleep.opened;
				return undefined;
			});
			const sleeper = flow.start({ channel, ...ASLEEP });
			await sleeper.accept({ chatId: "1", text: "hi" });
			await pollUntil(() => !isFirst);
			await flow.passTime();
			const other = flow.start({ channel });
			await flow.settle();
			const before = sends(channel.calls).length;
			asleep.open();
			await pollUntil(() => sleeper.worker.size === 0);
			expect(other.turns).toHaveLength(0);
			expect(channel.visible("1").sort()).toEqual([...visible].sort());
			expect(sends(channel.calls)).toHaveLength(before);
		},
	);

	test("with the lease lost by its own clock, it sends nothing at all", async () => {
		const channel = createFakeChannel();
		const asleep = gate();
		const sleeper = flow.start({
			channel,
			leaseTtlMs: 240,
			stopGraceMs: 50,
			handle: async (turn) => {
				await asleep.opened;
				return await echo(turn);
			},
		});
		await sleeper.accept({ chatId: "1", text: "hi" });
		await pollUntil(() => sleeper.turns.length === 1);
		await flow.db.raw("update lanes set token = token + 1");
		await pollUntil(() => sleeper.turns[0]?.signal.aborted === true);
		expect(sleeper.turns[0]?.signal.reason).toBe("fenced");
		await sleeper.worker.stop();
		asleep.open();
		await pollUntil(() => sleeper.worker.size === 0);
		expect(sends(channel.calls)).toEqual([]);
	});
});

test("a node that takes a lease anew which it had lost gives up the old turn at once", async () => {
	const channel = createFakeChannel();
	const node = flow.start({
		channel,
		handle: async (turn) => {
			if (turn.attempt > 1) return await echo(turn);
			// As a model call that waits for its provider.
			return await new Promise((_, reject) => {
				turn.signal.addEventListener("abort", () => reject(turn.signal.reason));
			});
		},
	});
	await node.accept({ chatId: "1", text: "hi" });
	await pollUntil(() => node.turns.length === 1);
	await flow.passTime();
	await flow.settle();
	expect(node.turns.map(({ attempt, signal }) => [attempt, signal.reason])).toEqual([
		[1, "fenced"],
		[2, undefined],
	]);
	expect(channel.visible("1")).toEqual(["<p>re: hi</p>"]);
	await pollUntil(() => node.worker.size === 0);
});

describe("a node that died, by the state it left behind", () => {
	async function leave(
		state: string,
		part: { message_id?: string } = {},
		checkpoint = true,
	): Promise<string> {
		const dead = flow.start({ channel: createFakeChannel(), isStarted: false });
		const { inboxId } = await dead.accept({ chatId: "1", text: "hi" });
		await claimLanes(flow.db, {
			owner: crypto.randomUUID(),
			bots: ["telegram:*", "wechat:*"],
			ttlMs: 60_000,
			limit: 1,
		});
		if (checkpoint) {
			const result = { replies: [{ markdown: "stored" }] };
			await flow
				.db("inbox")
				.where({ id: inboxId })
				.update({ result: JSON.stringify(result), checkpointed_at: flow.db.fn.now() });
		}
		const content = checkpoint ? JSON.stringify({ text: "<p>stored</p>", plain: "stored" }) : null;
		await flow.db("outbox").insert({ inbox_id: inboxId, part: 0, content, state, ...part });
		await flow.passTime();
		return inboxId;
	}

	test.each([
		["after the checkpoint", "new", ["send …", "edit <p>stored</p>"]],
		["after ph_sending, or after the send (cases 10, 11)", "ph_sending", ["send …", "edit <p>stored</p>"]],
		["after the message id (12), or after the edit (13)", "ph_sent", ["edit <p>stored</p>"]],
		["after everything but the end of the event", "done", []],
	])("%s: delivery goes on, the model is not asked", async (_, state, calls) => {
		const inboxId = await leave(state, state === "ph_sent" ? { message_id: "77" } : {});
		const channel = createFakeChannel();
		const node = flow.start({ channel });
		await flow.settle();
		expect(sends(channel.calls)).toEqual(calls);
		expect(node.turns).toEqual([]);
		expect(await flow.row(inboxId)).toMatchObject({ status: "done", attempts: 1 });
		expect(await flow.parts()).toMatchObject([{ state: "done" }]);
	});

	test("with an early placeholder, before the checkpoint: the new attempt uses it", async () => {
		await leave("ph_sent", { message_id: "77" }, false);
		const channel = createFakeChannel();
		const node = flow.start({ channel });
		await flow.settle();
		expect(node.turns.map((turn) => turn.attempt)).toEqual([2]);
		expect(sends(channel.calls)).toEqual(["edit <p>re: hi</p>"]);
		expect(channel.calls.at(-1)?.messageId).toBe("77");
	});

	test("handed back after its placeholder, as when the database is away for a moment: the next attempt uses it", async () => {
		const node = flow.start({ channel: createFakeChannel(), isStarted: false });
		await node.accept({ chatId: "1", text: "hi" });
		const request = { owner: crypto.randomUUID(), bots: ["telegram:*"], ttlMs: 60_000, limit: 1 };
		const write = createWriteState(flow.db);
		for (let round = 0; round < 4; round += 1) {
			const [claim] = await claimLanes(flow.db, request);
			if (claim === undefined) throw new Error("nothing claimed");
			if (round === 0) await write(claim, { part: 0, state: "ph_sent", messageId: "77" });
			else expect([claim.attempts, claim.parts[0]?.messageId]).toEqual([2, "77"]);
			await write(claim, { finish: "handback", delayMs: 0 });
		}
		const channel = createFakeChannel();
		flow.start({ channel });
		await flow.settle();
		expect(sends(channel.calls)).toEqual(["edit <p>re: hi</p>"]);
		expect(channel.calls.at(-1)?.messageId).toBe("77");
	});

	test("while it sent where nothing can be edited: nobody knows, so it is not repeated", async () => {
		await leave("sending");
		const channel = createFakeChannel({ edit: false });
		flow.start({ channel });
		await flow.settle();
		expect(channel.calls).toEqual([]);
		expect(await flow.parts()).toMatchObject([
			{ state: "unknown", last_error: "interrupted while it was sent" },
		]);
	});
});

describe("a lease", () => {
	test("is given to one of many claimers, with a new token each time", async () => {
		const node = flow.start({ channel: createFakeChannel(), isStarted: false });
		await node.accept({ chatId: "1", text: "hi" });
		const request = { bots: ["telegram:*"], ttlMs: 60_000, limit: 10 };
		const race = async (): Promise<string[]> => {
			const claims = await Promise.all(
				Array.from(
					{ length: 10 },
					async () => await claimLanes(flow.db, { ...request, owner: crypto.randomUUID() }),
				),
			);
			return claims.flat().map((claim) => claim.token);
		};
		const [first, none] = [await race(), await race()];
		await flow.passTime();
		const second = await race();
		expect([first.length, none.length, second.length]).toEqual([1, 0, 1]);
		expect(Number(second[0])).toBe(Number(first[0]) + 1);
	});

	test("that was lost writes nothing: neither with an old token nor after its end", async () => {
		const node = flow.start({ channel: createFakeChannel(), isStarted: false });
		await node.accept({ chatId: "1", text: "hi" });
		const request = { owner: crypto.randomUUID(), bots: ["telegram:*"], ttlMs: 60_000, limit: 10 };
		const [old] = await claimLanes(flow.db, request);
		await flow.passTime();
		const write = createWriteState(flow.db);
		if (old === undefined) throw new Error("nothing claimed");
		expect(await write(old, { part: 0, state: "ph_sending" })).toBe("fenced");
		const [now] = await claimLanes(flow.db, request);
		expect(await write(old, { part: 0, state: "ph_sending", finish: "done" })).toBe("fenced");
		expect(await flow.parts()).toEqual([]);
		if (now === undefined) throw new Error("nothing claimed again");
		expect(
			await Promise.all([
				write(now, { part: 0, state: "ph_sending" }),
				write(old, { part: 0, state: "dead" }),
			]),
		).toEqual(["written", "fenced"]);
		expect(await flow.parts()).toMatchObject([{ state: "ph_sending" }]);
	});

	test("outlives its length while the turn runs, and nobody else takes the lane", async () => {
		const channel = createFakeChannel();
		const busy = gate();
		const handle = async (turn: Parameters<typeof echo>[0]) => {
			await busy.opened;
			return await echo(turn);
		};
		const node = flow.start({ channel, leaseTtlMs: 1_500, handle });
		await node.accept({ chatId: "1", text: "hi" });
		await pollUntil(() => node.turns.length === 1);
		const other = flow.start({ channel, handle });
		const first = await flow.db("lanes").first("lease_until");
		await pollUntil(async () => {
			const { rows } = await flow.db.raw<{ rows: { passed: boolean }[] }>(
				"select clock_timestamp() > ?::timestamptz + interval '300 ms' as passed",
				[first?.lease_until],
			);
			return rows[0]?.passed === true;
		});
		expect(node.turns[0]?.signal.aborted).toBe(false);
		busy.open();
		await flow.settle();
		expect(other.turns).toEqual([]);
		expect(channel.visible("1")).toEqual(["<p>re: hi</p>"]);
	});
});
