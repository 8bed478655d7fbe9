import { expect, test } from "@jest/globals";
import { eventually } from "../../../core/testing/eventually.ts";
import { readCharges } from "../testing/read-charges.ts";
import { PATHS, post, SURFACES, toBody } from "./ask-raw.ts";
import { DIALECTS, modelOf, useGateway } from "./use-gateway.ts";

const gateway = useGateway();
const CALLS = 50;
const WINNERS = 7;
const OUTPUT = 200;
const BODY = toBody("openai", modelOf("openai"), { max_tokens: OUTPUT });

test.each(SURFACES.flatMap((surface) => DIALECTS.map((dialect) => [surface, dialect] as const)))(
	"bad input 48: of 50 calls on the last tokens (%s over %s) no more win than there are tokens for",
	async (surface, dialect) => {
		const length = { [surface === "responses" ? "max_output_tokens" : "max_tokens"]: OUTPUT };
		const body = toBody(surface, modelOf(dialect), length);
		const input = await measureHold(surface, body);
		const dailyTokens = WINNERS * input + Math.floor(input / 2);
		const { accountId, key } = await gateway.addPerson({ dailyTokens });
		// As dear as what was held, so that nothing comes back for a latecomer.
		gateway.vendor(dialect).answerAlways({
			kind: "text",
			usage: { input: input - OUTPUT, output: OUTPUT },
		});
		const answers = await Promise.all(
			Array.from({ length: CALLS }, async () => await post(gateway.origin(), PATHS[surface], { key, body })),
		);
		const statuses = answers.map(({ status }) => status);
		const won = statuses.filter((status) => status === 200).length;
		expect(won).toBeGreaterThan(0);
		expect(won).toBeLessThanOrEqual(WINNERS);
		expect(statuses.filter((status) => status === 402)).toHaveLength(CALLS - won);
		const { db } = gateway.world();
		await eventually(async () => (await readCharges(db, accountId)).usage.length >= won);
		const { reservations } = await readCharges(db, accountId);
		const charged = reservations.reduce((sum, reservation) => sum + reservation.charged, 0);
		expect(charged).toBeLessThanOrEqual(dailyTokens);
		expect(reservations.filter(({ state }) => state === "posted")).toHaveLength(won);
	},
);

/** What one such call holds. */
async function measureHold(surface: (typeof SURFACES)[number], body: object): Promise<number> {
	const { accountId, key } = await gateway.addPerson();
	expect((await post(gateway.origin(), PATHS[surface], { key, body })).status).toBe(200);
	const { reservations } = await readCharges(gateway.world().db, accountId);
	return reservations[0]?.held ?? 0;
}

test("the sample holds its longest answer", async () => {
	expect(await measureHold("openai", BODY)).toBeGreaterThan(OUTPUT);
});
