import { describe, expect, test } from "@jest/globals";
import { eventually } from "../../core/testing/eventually.ts";
import { createGatedAnswer } from "./testing/gated-answer.ts";
import { readCharges } from "./testing/read-charges.ts";
import { useWorlds } from "./testing/use-worlds.ts";

const worlds = useWorlds();
const PATIENT = { PROVIDER_FIRST_BYTE_TIMEOUT_MS: "20000" };

describe("two nodes over one database", () => {
	test("answer each message once, whichever took it in, and in the order of its conversation", async () => {
		const world = await worlds.open();
		const vendor = await world.addProvider({ id: "one" });
		vendor.answerAlways(({ body }) => {
			const messages = body["messages"] as readonly { readonly content: string }[];
			return { kind: "text", pieces: [`re: ${messages.at(-1)?.content}`] };
		});
		const nodes = [await world.startNode(), await world.startNode()];
		const people = await Promise.all(
			Array.from({ length: 5 }, async () => await world.addPerson({ planId: "pro_40" })),
		);
		const asked = people.flatMap(({ key }, person) =>
			Array.from({ length: 10 }, async (_, number) => {
				const node = nodes[(person + number) % 2];
				if (node === undefined) throw new Error("no node");
				const message = `${person}.${number}`;
				const answer = await world.ask(node, key, { message, conversation: `c${number % 3}` });
				expect(answer).toMatchObject({ status: 200, body: { message: `re: ${message}` } });
			}),
		);
		await Promise.all(asked);
		expect(vendor.requests).toHaveLength(50);
		expect(await world.db("usage_log")).toHaveLength(50);
		expect(await world.db("ledger_reservations").whereNot({ state: "posted" })).toEqual([]);
		// What was said in a lane stands in its history as it was accepted.
		const { rows } = await world.db.raw<{ rows: unknown[] }>(
			`select m.id from conversation_messages m join conversation_messages later
				on later.lane = m.lane and later.id > m.id and later.inbox_id < m.inbox_id`,
		);
		expect(rows).toEqual([]);
	});

	test("one Idempotency-Key asked at both at once is one call, one charge, one answer", async () => {
		const world = await worlds.open(PATIENT);
		const vendor = await world.addProvider({ id: "one" });
		const nodes = [await world.startNode(), await world.startNode()];
		const { accountId, key } = await world.addPerson();
		const gated = createGatedAnswer();
		vendor.answerAlways(gated.answer);
		const asked = nodes.map(
			async (node) => await world.ask(node, key, { message: "hi", idempotencyKey: "order-17" }),
		);
		await eventually(() => gated.arrived() > 0);
		gated.open();
		const [one, other] = await Promise.all(asked);
		expect(one).toMatchObject({ status: 200, body: { message: "done" } });
		expect(other?.body).toEqual(one?.body);
		expect(vendor.requests).toHaveLength(1);
		expect((await readCharges(world.db, accountId)).reservations).toMatchObject([
			{ state: "posted", charged: 22 },
		]);
	});

	test("a turn whose lease was lost is answered anew, by whichever is first, and charged once", async () => {
		const world = await worlds.open(PATIENT);
		const vendor = await world.addProvider({ id: "one" });
		const first = await world.startNode({ LEASE_TTL_MS: "5000" });
		const { accountId, key } = await world.addPerson();
		const gated = createGatedAnswer();
		vendor.answerNext(gated.answer);
		const asked = world.ask(first, key, "hi");
		await eventually(() => gated.arrived() === 1);
		const second = await world.startNode();
		// As if the first had been asleep for longer than its lease.
		await world.db("lanes").update({ lease_until: "-infinity" });
		await eventually(() => vendor.requests.length === 2);
		expect(await asked).toMatchObject({ status: 200, body: { message: "hello" } });
		gated.open();
		await eventually(async () => {
			const { reservations } = await readCharges(world.db, accountId);
			return reservations.every(({ state }) => state !== "pending");
		});
		const { reservations } = await readCharges(world.db, accountId);
		expect(reservations.map(({ charged }) => charged).sort((a, b) => a - b)).toEqual([0, 22]);
		expect(await world.ask(second, key, "hi")).toMatchObject({ status: 200 });
	});
});

describe("a node that is stopped with turns running", () => {
	test("lets them finish, answers those who wait, and takes nothing new", async () => {
		const world = await worlds.open(PATIENT);
		const vendor = await world.addProvider({ id: "one" });
		const node = await world.startNode();
		const gated = createGatedAnswer();
		vendor.answerAlways(gated.answer);
		const people = await Promise.all(Array.from({ length: 5 }, async () => await world.addPerson()));
		const asked = people.map(async ({ key }) => await world.ask(node, key, "hi"));
		await eventually(() => gated.arrived() === 5);
		const stopped = node.stop();
		const late = world.ask(node, people[0]?.key ?? "", { message: "late", conversation: "other" });
		await expect(late).rejects.toThrow();
		gated.open();
		for (const answer of await Promise.all(asked)) {
			expect(answer).toMatchObject({ status: 200, body: { message: "done" } });
		}
		await stopped;
		expect(await world.db("ledger_reservations").whereNot({ state: "posted" })).toEqual([]);
		expect(await world.db("lanes").whereNotNull("owner")).toEqual([]);
	});

	test("is gone within 10 s whatever they do; the other node answers them, and each is charged once", async () => {
		const world = await worlds.open(PATIENT);
		const vendor = await world.addProvider({ id: "one" });
		const node = await world.startNode();
		const stuck = createGatedAnswer();
		vendor.answerAlways(stuck.answer);
		const people = await Promise.all(Array.from({ length: 5 }, async () => await world.addPerson()));
		const asked = people.map(async ({ key }, number) => {
			return await world.ask(node, key, { message: "hi", idempotencyKey: `k${number}` });
		});
		await eventually(() => stuck.arrived() === 5);
		const startedAt = performance.now();
		const stopped = node.stop();
		const answers = await Promise.all(asked);
		await stopped;
		expect(performance.now() - startedAt).toBeLessThan(10_000);
		for (const { status, body } of answers) {
			expect({ status, code: body.error?.["code"] }).toEqual({ status: 503, code: "ROUTER_TIMEOUT" });
		}
		vendor.answerAlways({ kind: "text" });
		const other = await world.startNode();
		for (const [number, { accountId, key }] of people.entries()) {
			const answer = await world.ask(other, key, { message: "hi", idempotencyKey: `k${number}` });
			expect(answer).toMatchObject({ status: 200, body: { message: "hello" } });
			const { reservations } = await readCharges(world.db, accountId);
			expect(reservations.map(({ state, charged }) => [state, charged])).toEqual([
				["voided", 0],
				["posted", 22],
			]);
		}
		// Handed on, the attempt did not count, and the next one did not fail over what it had held.
		expect(await world.db("inbox").pluck("attempts")).toEqual(people.map(() => 1));
	}, 30_000);
});
