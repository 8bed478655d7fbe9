import { expect, test } from "@jest/globals";
import { countTokens } from "../../../core/models/count-tokens.ts";
import { eventually } from "../../../core/testing/eventually.ts";
import type { FakeAnswer } from "../../../core/testing/fake-provider-server.ts";
import { toWireFormat } from "../../../core/testing/fake-provider-wire.ts";
import { useChargeCases } from "../testing/use-charge-cases.ts";

const cases = useChargeCases({ PROVIDER_TOTAL_TIMEOUT_MS: "1500" });
const PIECES = ["Once ", "upon ", "a ", "time ", "there ", "was "];

test.each<[string, FakeAnswer, string]>([
	[
		"cuts the connection",
		{ kind: "text", pieces: PIECES, after: { pieces: 4, follow: "cut" } },
		"ROUTER_NO_PROVIDER",
	],
	[
		"ends without saying that it ends",
		{ kind: "text", pieces: PIECES, after: { pieces: 4, follow: "end" } },
		"ROUTER_NO_PROVIDER",
	],
	[
		"says an error",
		{ kind: "text", pieces: PIECES, after: { pieces: 4, follow: "error" } },
		"ROUTER_NO_PROVIDER",
	],
	[
		"says nonsense",
		{ kind: "text", pieces: PIECES, after: { pieces: 4, follow: "garbage" } },
		"ROUTER_NO_PROVIDER",
	],
	["falls silent", { kind: "text", pieces: PIECES, after: { pieces: 4, follow: "hang" } }, "ROUTER_TIMEOUT"],
])(
	"of a provider that %s in the middle, what was delivered is charged by count and nobody else is asked",
	async (_, answer, error) => {
		const one = await cases.make(answer);
		const charged = await cases.ask(one);
		const delivered = "Once upon a time ";
		expect(charged.answer.status).toBe(200);
		expect(charged.answer.body.message).toContain(delivered.trim());
		expect(charged.answer.body.message).toContain("/retry");
		const tokens = charged.inputCounted + (await countTokens(delivered));
		expect(charged.answer.body.usage?.["chargedTokens"]).toBe(tokens);
		expect(charged.reservations).toMatchObject([{ state: "posted", charged: tokens, overrun: 0 }]);
		expect(charged.usage).toMatchObject([
			{ provider: one.vendorId, outcome: "cut", origin: "counted", charged: tokens, error },
		]);
	},
);

test("of a provider that breaks off after it said its usage, that is charged", async () => {
	const one = await cases.make({
		kind: "raw",
		write(response, { url = "" }) {
			const wire = toWireFormat(url, { input: 130, output: 9 });
			response.writeHead(200, { "content-type": "text/event-stream" });
			response.end(`${wire.begin()}${wire.piece("Once upon a time ")}${wire.end("none", false)}`);
		},
	});
	const { answer, reservations, usage } = await cases.ask(one);
	expect(answer.body.usage).toEqual({ inputTokens: 130, outputTokens: 9, chargedTokens: 139 });
	expect(reservations).toMatchObject([{ state: "posted", charged: 139, overrun: 0 }]);
	expect(usage).toMatchObject([{ outcome: "cut", origin: "reported", input: 130, output: 9, charged: 139 }]);
});

test("a provider that never ends is cut off, and costs no more than was held", async () => {
	const one = await cases.make({
		kind: "raw",
		async write(response, { url = "" }) {
			const wire = toWireFormat(url, "none");
			response.writeHead(200, { "content-type": "text/event-stream" });
			response.write(wire.begin());
			while (!response.destroyed) {
				response.write(wire.piece("and on and on "));
				await new Promise((resolve) => setTimeout(resolve, 5));
			}
		},
	});
	const { answer, reservations, usage } = await cases.ask(one);
	expect(answer.body.message).toMatch(/^and on and on/);
	const [reservation] = reservations;
	expect(reservation).toMatchObject({ state: "posted", charged: reservation?.held, overrun: 0 });
	expect(usage).toMatchObject([{ outcome: "cut", origin: "counted", error: "ROUTER_TIMEOUT" }]);
	expect(usage[0]?.output).toBeGreaterThan(100);
	await eventually(() => one.vendor.openConnectionCount() === 0);
});
