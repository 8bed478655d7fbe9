import { expect, test } from "@jest/globals";
import { countMessageTokens } from "../../core/models/count-tokens.ts";
import type { ChatMessage } from "../../core/providers/provider.ts";
import { eventually } from "../../core/testing/eventually.ts";
import type { ChatAnswer } from "./testing/ask-over-http.ts";
import { createGatedAnswer } from "./testing/gated-answer.ts";
import { readCharges } from "./testing/read-charges.ts";
import { useWorlds } from "./testing/use-worlds.ts";

const MESSAGES = 50;
const worlds = useWorlds();
/** Nobody's patience ends before the test opens the gate. */
const PATIENT = { PROVIDER_FIRST_BYTE_TIMEOUT_MS: "20000" };

test("of 50 messages at once as many are answered as the balance holds reservations, and no more", async () => {
	const world = await worlds.open(PATIENT);
	const vendor = await world.addProvider({ id: "one" });
	const node = await world.startNode();
	const trial = await world.addPerson({ planId: "enterprise", dailyTokens: 1_000 });
	await world.ask(node, trial.key, "hi");
	const amount = (await readCharges(world.db, trial.accountId)).reservations[0]?.held ?? 0;
	const input = await countMessageTokens(vendor.requests[0]?.body["messages"] as readonly ChatMessage[]);
	expect(amount).toBe(Math.ceil(1.1 * input) + 100);

	const gated = createGatedAnswer({ usage: { input: 20, output: 100 } });
	vendor.answerAlways(gated.answer);
	const balance = 7 * amount + amount - 1;
	const { accountId, key } = await world.addPerson({ planId: "enterprise", dailyTokens: balance });
	const answers: ChatAnswer[] = [];
	const asked = Array.from({ length: MESSAGES }, async (_, number) => {
		answers.push(await world.ask(node, key, { message: "hi", conversation: `c${number}` }));
	});
	await eventually(async () => {
		const { reservations } = await readCharges(world.db, accountId);
		return reservations.length + answers.length === MESSAGES && gated.arrived() === reservations.length;
	});
	expect(gated.arrived()).toBe(Math.floor(balance / amount));
	expect(answers.map(({ body }) => body.error?.["code"])).toEqual(
		new Array(MESSAGES - 7).fill("BILLING_QUOTA_EXCEEDED"),
	);
	gated.open();
	await Promise.all(asked);

	expect(answers.filter(({ status }) => status === 200)).toHaveLength(7);
	const { reservations, usage } = await readCharges(world.db, accountId);
	expect(reservations).toEqual(
		new Array(7).fill({ state: "posted", held: amount, charged: 120, overrun: 0 }),
	);
	expect(usage.map(({ outcome, charged }) => [outcome, charged])).toEqual(
		new Array(7).fill(["complete", 120]),
	);
	expect(vendor.requests).toHaveLength(1 + 7);
});

test("the last one that fits is asked for as long an answer as is left", async () => {
	const world = await worlds.open({ ...PATIENT, OUTPUT_TOKENS_MAX: "1000" });
	const vendor = await world.addProvider({ id: "one" });
	const node = await world.startNode();
	const trial = await world.addPerson({ planId: "enterprise", dailyTokens: 10_000 });
	await world.ask(node, trial.key, "hi");
	const wanted = (await readCharges(world.db, trial.accountId)).reservations[0]?.held ?? 0;
	const minimum = wanted - 1_000 + 256;

	const gated = createGatedAnswer();
	vendor.answerAlways(gated.answer);
	const { accountId, key } = await world.addPerson({
		planId: "enterprise",
		dailyTokens: wanted + 2 * minimum,
	});
	const asked = Array.from(
		{ length: MESSAGES },
		async (_, number) => await world.ask(node, key, { message: "hi", conversation: `c${number}` }),
	);
	await eventually(async () => {
		const refused = await world.db("inbox").whereRaw("result -> 'error' is not null").count();
		return gated.arrived() + Number(refused[0]?.["count"]) === MESSAGES;
	});
	gated.open();
	const answers = await Promise.all(asked);
	expect(answers.filter(({ status }) => status === 200)).toHaveLength(2);
	const lengths = vendor.requests
		.slice(1)
		.map(({ body }) => Number(body["max_tokens"]))
		.sort((a, b) => b - a);
	expect(lengths).toEqual([1_000, 2 * 256 + wanted - 1_000]);
	const held = (await readCharges(world.db, accountId)).reservations.map((one) => one.held);
	expect(held).toEqual([wanted, 2 * minimum]);
});
