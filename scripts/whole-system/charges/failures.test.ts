import { expect, test } from "@jest/globals";
import type { FakeAnswer } from "../../../core/testing/fake-provider-server.ts";
import { readCharges } from "../testing/read-charges.ts";
import { useChargeCases } from "../testing/use-charge-cases.ts";

const cases = useChargeCases();

test.each<[string, FakeAnswer, string]>([
	["refuses the request", { kind: "status", status: 400 }, "REQUEST_INVALID"],
	["refuses the key", { kind: "status", status: 401 }, "ROUTER_NO_PROVIDER"],
	["asks for a pause", { kind: "status", status: 429 }, "ROUTER_RATE_LIMITED"],
	["is broken", { kind: "status", status: 500 }, "ROUTER_NO_PROVIDER"],
	["drops the connection", { kind: "drop" }, "ROUTER_NO_PROVIDER"],
	["is silent", { kind: "hang" }, "ROUTER_TIMEOUT"],
	["ends without a word", { kind: "text", pieces: [] }, "ROUTER_NO_PROVIDER"],
	["breaks off without a word", { kind: "text", after: { pieces: 0, follow: "cut" } }, "ROUTER_NO_PROVIDER"],
	[
		"says an error in its stream",
		{ kind: "text", after: { pieces: 0, follow: "error" } },
		"ROUTER_NO_PROVIDER",
	],
	["says nonsense", { kind: "text", after: { pieces: 0, follow: "garbage" } }, "ROUTER_NO_PROVIDER"],
	["begins and falls silent", { kind: "text", after: { pieces: 0, follow: "hang" } }, "ROUTER_TIMEOUT"],
])(
	"a provider that %s costs nothing; the next one gets a reservation of its own",
	async (_, answer, error) => {
		const one = await cases.make(answer);
		const charged = await cases.ask(one);
		expect(charged.answer).toMatchObject({
			status: 200,
			body: { message: "hello", usage: { chargedTokens: 22 } },
		});
		expect(charged.reservations).toMatchObject([
			{ state: "voided", charged: 0, overrun: 0 },
			{ state: "posted", charged: 22, overrun: 0 },
		]);
		expect(charged.usage).toMatchObject([
			{ provider: one.vendorId, outcome: "failed", charged: 0, error },
			{ provider: "spare", outcome: "complete", charged: 22, error: null },
		]);
	},
);

test("when every provider that may be tried fails, all of it is given back", async () => {
	const broken: FakeAnswer = { kind: "status", status: 500 };
	const tried = await Promise.all(Array.from({ length: 5 }, async () => await cases.make(broken)));
	const routeOrder = tried.map(({ vendorId }) => vendorId);
	const person = await cases.world().addPerson({ planId: "max_200", routeOrder });
	const asked = cases.spare().requests.length;
	const answer = await cases.world().ask(cases.node(), person.key, "hi");
	expect(answer).toMatchObject({ status: 503, body: { error: { code: "ROUTER_NO_PROVIDER" } } });
	const { reservations, usage } = await readCharges(cases.world().db, person.accountId);
	expect(reservations.map(({ state, charged }) => [state, charged])).toEqual(Array(5).fill(["voided", 0]));
	expect(usage.map(({ provider, outcome }) => [provider, outcome])).toEqual(
		routeOrder.map((id) => [id, "failed"]),
	);
	expect(cases.spare().requests).toHaveLength(asked);
});
