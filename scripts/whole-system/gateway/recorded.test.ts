import { describe, expect, test } from "@jest/globals";
import { readChat, readMessage } from "../../../core/dialects/testing/read-with-sdk.ts";
import type { Recording } from "../../../core/dialects/testing/recordings.ts";
import { loadRecordings } from "../../../core/dialects/testing/recordings.ts";
import type { Dialect } from "../../../core/dialects/types.ts";
import { eventually } from "../../../core/testing/eventually.ts";
import { readCharges } from "../testing/read-charges.ts";
import type { RawAnswer } from "./ask-raw.ts";
import { PATHS, post, toBody } from "./ask-raw.ts";
import { DIALECTS, modelOf, useGateway } from "./use-gateway.ts";

const gateway = useGateway();
const recordings = loadRecordings();
const whole = recordings.filter(({ ends }) => ends === "done" || ends === "finish");
const broken = recordings.filter(({ ends }) => ends === "cut" || ends === "error");

/** What the vendor says to everybody, in pieces of an odd length. */
function replay({ dialect, bytes }: Recording): void {
	gateway.vendor(dialect).answerAlways({
		kind: "raw",
		write(response) {
			response.writeHead(200, { "content-type": "text/event-stream" });
			for (let at = 0; at < bytes.length; at += 997) response.write(bytes.subarray(at, at + 997));
			response.end();
		},
	});
}

/** A streamed answer as it came over the wire. */
async function ask(key: string, surface: Dialect, model: string): Promise<RawAnswer> {
	const body = toBody(surface, model, { stream: true, max_tokens: 4_000 });
	return await post(gateway.origin(), PATHS[surface], { key, body });
}

async function readUsage(accountId: string) {
	const { db } = gateway.world();
	await eventually(async () => (await readCharges(db, accountId)).usage.length > 0);
	return await readCharges(db, accountId);
}

describe.each(DIALECTS)("to a caller of the dialect %s", (surface) => {
	test.each(whole)("$name is passed on and charged as the vendor says", async (recording) => {
		replay(recording);
		const { accountId, key } = await gateway.addPerson();
		const { status, text } = await ask(key, surface, modelOf(recording.dialect));
		expect(status).toBe(200);
		if (surface === recording.dialect) expect(text).toBe(Buffer.from(recording.bytes).toString());
		else {
			const understood = await (surface === "openai" ? readChat : readMessage)(text);
			expect(understood.text).toContain(recording.text);
			expect(understood.thinking).toBe(recording.thinking);
			expect(understood.tools.map(([id, name]) => [id, name])).toEqual(
				recording.tools.map(([id, name]) => [id, name]),
			);
		}
		const { reservations, usage } = await readUsage(accountId);
		expect(reservations).toMatchObject([{ state: "posted", charged: usage[0]?.charged }]);
		expect(usage[0]).toMatchObject({ outcome: "complete", error: null });
		if (usage[0]?.origin !== "reported") return;
		expect(usage[0]).toMatchObject({
			input: recording.usage?.inputTokens,
			output: recording.usage?.outputTokens,
		});
	});

	test.each(broken)("$name breaks off, is told and charged for what came", async (recording) => {
		replay(recording);
		const { accountId, key } = await gateway.addPerson();
		const { status, text } = await ask(key, surface, modelOf(recording.dialect));
		expect(text).not.toContain("SECRET");
		const { reservations, usage } = await readUsage(accountId);
		const hasWords = recording.text + recording.thinking !== "" || recording.tools.length > 0;
		if (hasWords) {
			expect(status).toBe(200);
			expect(text).toMatch(/"code":"ROUTER_/);
			expect(usage).toMatchObject([{ outcome: "cut" }]);
			expect(reservations).toMatchObject([{ state: "posted", charged: usage[0]?.charged, overrun: 0 }]);
		} else {
			expect([429, 503]).toContain(status);
			expect(reservations.map(({ charged }) => charged)).toEqual(reservations.map(() => 0));
		}
		// So that no breaker opens.
		gateway.vendor(recording.dialect).answerAlways({ kind: "text" });
		await ask(gateway.person().key, surface, modelOf(recording.dialect));
	});
});
