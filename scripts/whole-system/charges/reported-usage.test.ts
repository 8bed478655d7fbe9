import { describe, expect, test } from "@jest/globals";
import { countTokens } from "../../../core/models/count-tokens.ts";
import type { ChargeCase } from "../testing/use-charge-cases.ts";
import { useChargeCases } from "../testing/use-charge-cases.ts";

const cases = useChargeCases();
const PIECES = ["The ", "quick ", "brown ", "fox ", "jumps ", "over ", "the ", "lazy ", "dog."];
const TEXT = PIECES.join("");

async function makeCase(
	usage: { input: unknown; output: unknown } | "none",
	pieces = PIECES,
): Promise<ChargeCase> {
	return await cases.make({ kind: "text", pieces, usage });
}

test("usage that can be true is charged as it is reported", async () => {
	const charged = await cases.ask(await makeCase({ input: 141, output: 11 }));
	expect(charged.answer.body.usage).toEqual({ inputTokens: 141, outputTokens: 11, chargedTokens: 152 });
	expect(charged.reservations).toMatchObject([{ state: "posted", charged: 152, overrun: 0 }]);
	expect(charged.usage).toMatchObject([{ outcome: "complete", origin: "reported", charged: 152 }]);
});

describe("what was delivered is charged by count when usage", () => {
	test.each<[string, { input: unknown; output: unknown } | "none"]>([
		["is not reported", "none"],
		["is less than was delivered", { input: 141, output: 1 }],
		["is nothing", { input: 0, output: 0 }],
		["has no input", { input: 0, output: 9 }],
		["is negative", { input: -141, output: -9 }],
		["is a fraction", { input: 141.5, output: 9.5 }],
		["is text", { input: "141", output: "9" }],
		["is beyond every integer", { input: 141, output: 2 ** 53 }],
		["is more output than was asked for", { input: 141, output: 101 }],
		["is more input than there were bytes", { input: 20_000, output: 9 }],
	])("%s", async (_, usage) => {
		const charged = await cases.ask(await makeCase(usage));
		const output = await countTokens(TEXT);
		const tokens = charged.inputCounted + output;
		expect(charged.answer.body).toMatchObject({ message: TEXT, usage: { chargedTokens: tokens } });
		expect(charged.reservations).toMatchObject([{ state: "posted", charged: tokens, overrun: 0 }]);
		expect(charged.usage).toMatchObject([
			{ outcome: "complete", origin: "counted", input: charged.inputCounted, output, charged: tokens },
		]);
	});
});

test("an answer longer than was asked for costs no more than was held", async () => {
	const pieces = Array.from({ length: 300 }, (_, number) => `word${number} `);
	const charged = await cases.ask(await makeCase("none", pieces));
	const [reservation] = charged.reservations;
	expect(reservation).toMatchObject({ state: "posted", charged: reservation?.held, overrun: 0 });
});

describe("possible usage beyond what was held", () => {
	test("is taken from what is free", async () => {
		const one = await makeCase({ input: 400, output: 100 });
		const charged = await cases.ask(one);
		expect(charged.inputMax).toBeGreaterThan(400);
		expect(charged.reservations[0]?.held).toBeLessThan(500);
		expect(charged.reservations).toMatchObject([{ state: "posted", charged: 500, overrun: 0 }]);
	});

	test("is the house's loss where nothing is free, never the person's debt", async () => {
		const answer = { kind: "text", pieces: PIECES, usage: { input: 400, output: 100 } } as const;
		const one = await cases.make(answer, 300);
		const charged = await cases.ask(one);
		expect(charged.reservations).toMatchObject([{ state: "posted", charged: 300, overrun: 200 }]);
		expect(charged.usage).toMatchObject([{ input: 400, output: 100, charged: 300 }]);
		expect(charged.answer.body.usage).toEqual({ inputTokens: 400, outputTokens: 100, chargedTokens: 300 });
		expect(await cases.world().ask(cases.node(), one.person.key, "hi")).toMatchObject({ status: 402 });
	});
});
