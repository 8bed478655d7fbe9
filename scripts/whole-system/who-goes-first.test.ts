import { describe, expect, test } from "@jest/globals";
import { eventually } from "../../core/testing/eventually.ts";
import type { AppWorld } from "./testing/app-world.ts";
import { createGatedAnswer } from "./testing/gated-answer.ts";
import { readCharges } from "./testing/read-charges.ts";
import { useWorlds } from "./testing/use-worlds.ts";

const worlds = useWorlds();
const PATIENT = { PROVIDER_FIRST_BYTE_TIMEOUT_MS: "20000" };

/** Accounts that hold quota for a call, whether it runs or waits. */
async function countHeld({ db }: AppWorld): Promise<number> {
	return Number((await db("ledger_reservations").where({ state: "pending" }).count())[0]?.["count"]);
}

describe("at a provider that takes one call at a time", () => {
	test("those who pay more are served first, whenever they came", async () => {
		const world = await worlds.open(PATIENT);
		const vendor = await world.addProvider({ id: "one", concurrency: 1 });
		const node = await world.startNode();
		const gated = createGatedAnswer();
		vendor.answerNext(gated.answer);
		const first = await world.addPerson();
		const asked = [world.ask(node, first.key, "first")];
		await eventually(() => gated.arrived() === 1);
		for (const planId of ["free", "starter_20", "pro_40", "max_200", "enterprise"]) {
			const tokens = planId === "enterprise" ? { dailyTokens: 10_000 } : {};
			const person = await world.addPerson({ ...(planId !== "free" && { planId }), ...tokens });
			asked.push(world.ask(node, person.key, planId));
			await eventually(async () => (await countHeld(world)) === asked.length);
		}
		gated.open();
		const answers = await Promise.all(asked);
		expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
		const order = vendor.requests.map(
			({ body }) => (body["messages"] as { content: string }[]).at(-1)?.content,
		);
		expect(order).toEqual(["first", "enterprise", "max_200", "pro_40", "starter_20", "free"]);
	});

	test("an account has only as many calls under way as its plan allows", async () => {
		const world = await worlds.open(PATIENT);
		const vendor = await world.addProvider({ id: "one" });
		const node = await world.startNode();
		const gated = createGatedAnswer();
		vendor.answerAlways(gated.answer);
		const { key } = await world.addPerson({ planId: "starter_20" });
		const asked = Array.from(
			{ length: 6 },
			async (_, number) => await world.ask(node, key, { message: "hi", conversation: `c${number}` }),
		);
		await eventually(async () => (await countHeld(world)) === 6);
		await eventually(() => gated.arrived() === 2);
		// Somebody else's call, which would pass after any of theirs that passes.
		const other = await world.addPerson();
		asked.push(world.ask(node, other.key, "hi"));
		await eventually(() => gated.arrived() === 3);
		expect(
			vendor.requests.filter(({ body }) => body["user"] === vendor.requests[0]?.body["user"]),
		).toHaveLength(2);
		gated.open();
		expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(new Array(7).fill(200));
	});
});

describe("when the best provider is busy", () => {
	test("a plan with fallback goes on to the next one at once, the others stand in line", async () => {
		const world = await worlds.open(PATIENT);
		const best = await world.addProvider({ id: "best", quality: 90, concurrency: 1 });
		const next = await world.addProvider({ id: "next", quality: 10 });
		const node = await world.startNode();
		const gated = createGatedAnswer();
		best.answerNext(gated.answer);
		const asked = [world.ask(node, (await world.addPerson()).key, "hold")];
		await eventually(() => gated.arrived() === 1);
		const waiting: Promise<unknown>[] = [];
		for (const planId of [undefined, "starter_20"]) {
			const person = await world.addPerson(planId === undefined ? {} : { planId });
			waiting.push(world.ask(node, person.key, "hi"));
		}
		await eventually(async () => (await countHeld(world)) === 3);
		const pro = await world.addPerson({ planId: "pro_40" });
		expect(await world.ask(node, pro.key, "hi")).toMatchObject({ status: 200 });
		expect(next.requests).toHaveLength(1);
		expect(best.requests).toHaveLength(1);
		gated.open();
		await Promise.all([...asked, ...waiting]);
		expect([best.requests.length, next.requests.length]).toEqual([3, 1]);
	});
});

describe("the order of providers", () => {
	const three = async (world: AppWorld) => {
		await world.addProvider({ id: "good", quality: 90, price: 900 });
		await world.addProvider({ id: "middling", quality: 60, price: 600 });
		await world.addProvider({ id: "cheap", quality: 30, price: 300 });
	};

	test("is the policy's: the best, or the cheapest; the account's own on a plan that has one", async () => {
		const world = await worlds.open();
		await three(world);
		const node = await world.startNode();
		const routeOrder = ["middling", "cheap"];
		const asked = async (options: Parameters<AppWorld["addPerson"]>[0]) => {
			const person = await world.addPerson({ routeOrder, ...options });
			await world.ask(node, person.key, "hi");
			return (await readCharges(world.db, person.accountId)).usage.map(({ provider }) => provider);
		};
		expect(await asked({ planId: "pro_40", policy: "BEST" })).toEqual(["good"]);
		expect(await asked({ planId: "pro_40", policy: "CHEAP" })).toEqual(["cheap"]);
		expect(await asked({ planId: "max_200", policy: "BEST" })).toEqual(["middling"]);
		expect(await asked({ planId: "max_200", policy: "CHEAP" })).toEqual(["middling"]);
	});

	test("is gone through as far as the plan allows when providers fail", async () => {
		const world = await worlds.open();
		for (const id of ["a", "b", "c", "d", "e", "f"]) {
			(await world.addProvider({ id, quality: 50 })).answerAlways({ kind: "status", status: 500 });
		}
		const node = await world.startNode();
		const tried = async (planId: string | undefined, routeOrder: readonly string[]) => {
			const person = await world.addPerson({ routeOrder, ...(planId !== undefined && { planId }) });
			expect(await world.ask(node, person.key, "hi")).toMatchObject({ status: 503 });
			return (await readCharges(world.db, person.accountId)).usage.map(({ provider }) => provider).join("");
		};
		expect(await tried(undefined, ["f"])).toBe("ab");
		expect(await tried("starter_20", ["f"])).toBe("ab");
		expect(await tried("pro_40", ["f"])).toBe("abc");
		expect(await tried("max_200", ["f", "b", "d"])).toBe("fbdac");
	});
});
