import { describe, expect, test } from "@jest/globals";
import type { Dialect, Surface } from "../../../core/dialects/types.ts";
import { MICRO } from "../../../core/ledger/ledger.ts";
import { eventually } from "../../../core/testing/eventually.ts";
import type { FakeAnswer } from "../../../core/testing/fake-provider-server.ts";
import { createGatedAnswer } from "../testing/gated-answer.ts";
import { readCharges } from "../testing/read-charges.ts";
import { openStream, PATHS, post, SURFACES, toBody } from "./ask-raw.ts";
import { DIALECTS, modelNamed, useGateway } from "./use-gateway.ts";

const PIECES = ["Once ", "upon ", "a ", "time ", "there ", "was "];
const BREAKS = ["cut", "end", "error", "garbage", "hang"] as const;
const PAIRS = SURFACES.flatMap((surface) => DIALECTS.map((dialect) => ({ surface, dialect })));

const httpLimits = {
	limits: { stopGraceMs: 100, stopCutMs: 3_000 },
	gatewayLimits: { keyCheckMs: 50 },
};
const gateway = useGateway({
	httpLimits,
	env: { PROVIDER_IDLE_TIMEOUT_MS: "400" },
	vendors: PAIRS.flatMap(({ surface, dialect }) =>
		["gate", ...BREAKS].map((name) => ({ id: toId(name, surface, dialect), dialect })),
	),
});

function toId(name: string, surface: Surface, dialect: Dialect): string {
	return `${name}-${surface}-${dialect}`;
}

function breakOff(follow: (typeof BREAKS)[number]): FakeAnswer {
	return { kind: "text", pieces: PIECES, after: { pieces: 4, follow } };
}

/** What was charged, once it is: exactly what came, never more than was held. */
async function expectCharge(accountId: string, outcome: string): Promise<void> {
	const { db } = gateway.world();
	await eventually(async () => (await readCharges(db, accountId)).usage.length === 1);
	const { reservations, usage } = await readCharges(db, accountId);
	const [entry] = usage;
	expect(entry).toMatchObject({ outcome, origin: "counted" });
	expect(entry?.input).toBeGreaterThan(0);
	expect(entry?.output).toBeGreaterThan(0);
	expect(entry?.output).toBeLessThan(20);
	const charged = (entry?.input ?? 0) + (entry?.output ?? 0);
	expect(entry?.charged).toBe(charged);
	expect(reservations).toMatchObject([{ state: "posted", charged, overrun: 0 }]);
	expect(reservations[0]?.held).toBeGreaterThan(charged);
	const buckets = await db("ledger_buckets")
		.where({ account_id: accountId })
		.select("pending_micro", "posted_micro");
	expect(buckets.map((bucket) => Number(bucket.pending_micro))).toEqual(buckets.map(() => 0));
	expect(buckets.reduce((sum, bucket) => sum + Number(bucket.posted_micro), 0)).toBe(charged * MICRO);
}

describe.each(PAIRS)("a stream of $surface over a vendor of the dialect $dialect", ({ surface, dialect }) => {
	test.each(BREAKS)(
		"that the provider breaks off (%s) is charged as far as it came, and told",
		async (name) => {
			const id = toId(name, surface, dialect);
			gateway.vendorNamed(id).answerAlways(breakOff(name));
			const { accountId, key } = await gateway.addPerson();
			const body = toBody(surface, modelNamed(id), { stream: true });
			const { status, text } = await post(gateway.origin(), PATHS[surface], { key, body });
			expect(status).toBe(200);
			for (const piece of PIECES.slice(0, 4)) expect(text).toContain(JSON.stringify(piece));
			expect(text).toMatch(name === "hang" ? /"code":"ROUTER_TIMEOUT"/ : /"code":"ROUTER_NO_PROVIDER"/);
			expect(text).not.toMatch(/"type":"message_stop"|\[DONE\]|response\.completed|scripted/);
			await expectCharge(accountId, "cut");
			expect(gateway.vendorNamed(id).requests).toHaveLength(1);
		},
	);

	test.each(BREAKS)("a whole answer that breaks off (%s) is no answer and costs nothing", async (name) => {
		const id = toId(name, surface, dialect);
		gateway.vendorNamed(id).answerAlways(breakOff(name));
		const { accountId, key } = await gateway.addPerson();
		const { status, text } = await post(gateway.origin(), PATHS[surface], {
			key,
			body: toBody(surface, modelNamed(id)),
		});
		expect([503, 504]).toContain(status);
		expect(text).toMatch(/"code":"ROUTER_(NO_PROVIDER|TIMEOUT)"/);
		const { reservations } = await readCharges(gateway.world().db, accountId);
		for (const { state, charged } of reservations)
			expect({ state, charged }).toEqual({ state: "voided", charged: 0 });
	});

	/** A stream that has begun and goes on when the gate opens. */
	async function begin(origin: string) {
		const id = toId("gate", surface, dialect);
		const gate = createGatedAnswer({ before: PIECES.slice(0, 2), after: PIECES.slice(2) });
		gateway.vendorNamed(id).answerAlways(gate.answer);
		const person = await gateway.addPerson();
		const body = toBody(surface, modelNamed(id), { stream: true });
		const stream = await openStream(origin, PATHS[surface], { key: person.key, body });
		await eventually(() => stream.received().includes("upon"));
		return { ...person, stream, vendor: gateway.vendorNamed(id) };
	}

	test("that the caller leaves is ended at the vendor and charged as far as it came", async () => {
		const { accountId, stream, vendor } = await begin(gateway.origin());
		stream.leave();
		await expectCharge(accountId, "stopped");
		await eventually(() => vendor.openConnectionCount() === 0);
	});

	test("that the caller leaves before its first word is ended at the vendor and costs nothing", async () => {
		const id = toId("gate", surface, dialect);
		const gate = createGatedAnswer();
		gateway.vendorNamed(id).answerAlways(gate.answer);
		const { accountId, key } = await gateway.addPerson();
		const controller = new AbortController();
		const body = toBody(surface, modelNamed(id), { stream: true });
		const asked = post(gateway.origin(), PATHS[surface], { key, body, signal: controller.signal });
		await eventually(() => gate.arrived() === 1);
		controller.abort();
		await expect(asked).rejects.toThrow(/abort/);
		const { db } = gateway.world();
		await eventually(async () => {
			return (await readCharges(db, accountId)).reservations[0]?.state === "voided";
		});
		await eventually(() => gateway.vendorNamed(id).openConnectionCount() === 0);
	});

	test("whose key is revoked is ended, told and charged as far as it came", async () => {
		const { accountId, stream, vendor } = await begin(gateway.origin());
		await gateway.world().db("api_keys").where({ account_id: accountId }).update({ revoked_at: new Date() });
		await stream.ended;
		expect(stream.received()).toContain('"code":"AUTH_INVALID_CREDENTIALS"');
		await expectCharge(accountId, "stopped");
		await eventually(() => vendor.openConnectionCount() === 0);
	});

	test("that our own stop cuts is told and charged as far as it came", async () => {
		const node = await gateway.world().startNode({}, httpLimits);
		const { accountId, stream } = await begin(`http://127.0.0.1:${node.app.address.port}`);
		await node.stop();
		await stream.ended;
		expect(stream.received()).toContain('"code":"ROUTER_TIMEOUT"');
		await expectCharge(accountId, "stopped");
	});
});
