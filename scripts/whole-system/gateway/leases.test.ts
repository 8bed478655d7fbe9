import { expect, test } from "@jest/globals";
import { readCharges } from "../testing/read-charges.ts";
import { PATHS, post, toBody } from "./ask-raw.ts";
import { modelOf, useGateway } from "./use-gateway.ts";

const gateway = useGateway();
const CALLS = 24;

test("a program that calls often is paid for from a lease, which a node that stops settles to the token", async () => {
	const { accountId, key } = await gateway.addPerson({ dailyTokens: 1_000_000 });
	const node = await gateway.world().startNode({
		GATEWAY_REQUESTS_PER_MINUTE: "100000",
		GATEWAY_CONCURRENCY: "100",
	});
	const origin = `http://127.0.0.1:${node.app.address.port}`;
	const body = toBody("openai", modelOf("openai"), { max_tokens: 50 });
	for (let call = 0; call < CALLS; call += 4) {
		const answers = await Promise.all(
			Array.from({ length: 4 }, async () => await post(origin, PATHS.openai, { key, body })),
		);
		expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
	}
	await node.stop();
	const { db } = gateway.world();
	const { reservations, usage } = await readCharges(db, accountId);
	const charged = (rows: readonly { readonly charged: number }[]): number =>
		rows.reduce((sum, row) => sum + row.charged, 0);
	expect(usage).toHaveLength(CALLS);
	expect(charged(reservations)).toBe(charged(usage));
	expect(reservations.filter(({ state }) => state === "pending")).toEqual([]);
	expect(reservations.length).toBeLessThan(CALLS / 2);
});
