import { describe, expect, test } from "@jest/globals";
import { sweepReservations } from "../../../core/ledger/sweep.ts";
import { countTokens } from "../../../core/models/count-tokens.ts";
import { eventually } from "../../../core/testing/eventually.ts";
import { spendTokens } from "../../../core/testing/people.ts";
import type { GatedAnswer } from "../testing/gated-answer.ts";
import { createGatedAnswer } from "../testing/gated-answer.ts";
import type { ChargeCase } from "../testing/use-charge-cases.ts";
import { useChargeCases } from "../testing/use-charge-cases.ts";

const PATIENT = { PROVIDER_FIRST_BYTE_TIMEOUT_MS: "20000", PROVIDER_IDLE_TIMEOUT_MS: "20000" };
const cases = useChargeCases(PATIENT);
const BEGUN = "Once upon a time ";

describe("who leaves or stops in the middle pays for what was delivered and the question", () => {
	test("by closing the stream; the provider is cut off", async () => {
		const one = await cases.make(createGatedAnswer({ before: [BEGUN] }).answer);
		const stream = await cases.world().openStream(cases.node(), one.person.key, { message: "hi" });
		await eventually(() => stream.received().includes("Once upon"));
		stream.leave();
		await eventually(async () => (await cases.read(one)).usage.length > 0);
		const { reservations, usage, inputCounted } = await cases.read(one);
		const tokens = inputCounted + (await countTokens(BEGUN));
		expect(reservations).toMatchObject([{ state: "posted", charged: tokens, overrun: 0 }]);
		expect(usage).toMatchObject([{ outcome: "stopped", origin: "counted", charged: tokens, error: null }]);
		await eventually(() => one.vendor.openConnectionCount() === 0);
	});

	test("by /stop, and the answer so far is kept", async () => {
		const one = await cases.make(createGatedAnswer({ before: [BEGUN] }).answer);
		const stream = await cases.world().openStream(cases.node(), one.person.key, { message: "hi" });
		await eventually(() => stream.received().includes("Once upon"));
		await cases.world().ask(cases.node(), one.person.key, "/stop");
		await eventually(() => stream.received().includes("event: done"));
		const { reservations, usage, inputCounted } = await cases.read(one);
		const tokens = inputCounted + (await countTokens(BEGUN));
		expect(stream.received()).toContain(`"chargedTokens":${tokens}},"stopped":true}`);
		expect(reservations).toMatchObject([{ state: "posted", charged: tokens, overrun: 0 }]);
		expect(usage).toMatchObject([{ outcome: "stopped", charged: tokens }]);
	});
});

test("who stops before the first word pays nothing", async () => {
	const one = await cases.make(createGatedAnswer().answer);
	const asked = cases.world().ask(cases.node(), one.person.key, "hi");
	await eventually(() => one.vendor.requests.length > 0);
	await cases.world().ask(cases.node(), one.person.key, "/stop");
	expect(await asked).toMatchObject({ status: 200, body: { stopped: true, usage: { chargedTokens: 0 } } });
	const { reservations, usage } = await cases.read(one);
	expect(reservations).toMatchObject([{ state: "voided", charged: 0 }]);
	expect(usage).toMatchObject([{ outcome: "stopped", charged: 0 }]);
});

describe("an answer that comes after its reservation expired", () => {
	async function expireInTheMiddle(one: ChargeCase, gated: GatedAnswer, spentMeanwhile: number) {
		const { db } = cases.world();
		const { accountId, key } = one.person;
		const asked = cases.world().ask(cases.node(), key, "hi");
		await eventually(() => gated.arrived() > 0);
		await db("ledger_reservations")
			.where({ account_id: accountId })
			.update({ expires_at: db.raw("clock_timestamp() - interval '1 second'") });
		await sweepReservations(db, AbortSignal.timeout(5_000));
		expect((await cases.read(one)).reservations).toMatchObject([{ state: "expired", charged: 0 }]);
		if (spentMeanwhile > 0) await spendTokens(db, accountId, spentMeanwhile);
		gated.open();
		return { answer: await asked, ...(await cases.read(one)) };
	}

	test.each([
		["is charged from what is free", 0, 110, 0],
		["costs the house what is not free any more", 260, 40, 70],
	])("%s", async (_, spentMeanwhile, chargedTokens, overrun) => {
		const gated = createGatedAnswer({ usage: { input: 100, output: 10 } });
		const one = await cases.make(gated.answer, 300);
		const { answer, reservations, usage } = await expireInTheMiddle(one, gated, spentMeanwhile);
		expect(answer).toMatchObject({ status: 200, body: { usage: { chargedTokens } } });
		expect(reservations[0]).toMatchObject({ state: "posted", charged: chargedTokens, overrun });
		expect(usage).toMatchObject([{ outcome: "complete", charged: chargedTokens }]);
	});
});
