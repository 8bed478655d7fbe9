import { describe, expect, test } from "@jest/globals";
import type { FakeAnswer, FakeProviderServer } from "../../core/testing/fake-provider-server.ts";
import type { AppWorld } from "./testing/app-world.ts";
import { readCharges } from "./testing/read-charges.ts";
import { useWorlds } from "./testing/use-worlds.ts";

const worlds = useWorlds();
const ABROAD = ["us", "ru", "local"];
const PLANS = ["free", "starter_20", "pro_40", "max_200"];

type Vendors = {
	readonly home: readonly FakeProviderServer[];
	readonly abroad: readonly FakeProviderServer[];
};

/** Two vendors in China, and three elsewhere that are better, cheaper and well. */
async function addVendors(world: AppWorld, atHome: FakeAnswer): Promise<Vendors> {
	const home: FakeProviderServer[] = [];
	for (const id of ["kimi", "glm"]) {
		const vendor = await world.addProvider({ id, region: "cn", quality: 20, price: 500 });
		vendor.answerAlways(atHome);
		home.push(vendor);
	}
	const abroad: FakeProviderServer[] = [];
	for (const region of ABROAD) {
		abroad.push(await world.addProvider({ id: region, region, quality: 90, price: 1 }));
	}
	return { home, abroad };
}

function connections(vendors: readonly FakeProviderServer[]): number {
	return vendors.reduce((sum, vendor) => sum + vendor.connectionCount(), 0);
}

describe("CN_OK with every provider of China down", () => {
	test.each<[string, FakeAnswer]>([
		["broken", { kind: "status", status: 500 }],
		["dropping connections", { kind: "drop" }],
		["refusing the key", { kind: "status", status: 401 }],
	])(
		"(%s) answers ROUTER_NO_PROVIDER on every plan, and no connection leaves for another region",
		async (_, atHome) => {
			const world = await worlds.open();
			const { home, abroad } = await addVendors(world, atHome);
			const node = await world.startNode();
			for (const planId of PLANS) {
				// An own order that names only what is forbidden is no way out either.
				const person = await world.addPerson({ planId, policy: "CN_OK", routeOrder: ABROAD });
				// More than open the breakers.
				for (let message = 0; message < 3; message += 1) {
					const answer = await world.ask(node, person.key, "你好");
					expect(answer).toMatchObject({ status: 503, body: { error: { code: "ROUTER_NO_PROVIDER" } } });
				}
				const { reservations, usage } = await readCharges(world.db, person.accountId);
				expect(reservations.filter(({ state }) => state !== "voided")).toEqual([]);
				expect(usage.filter(({ region, policy }) => region !== "cn" || policy !== "CN_OK")).toEqual([]);
			}
			expect(connections(home)).toBeGreaterThan(0);
			expect(connections(abroad)).toBe(0);
		},
	);

	test("(switched off, and not even there) likewise, also when a program asks for CN_OK for one message", async () => {
		const world = await worlds.open();
		const { home, abroad } = await addVendors(world, { kind: "drop" });
		await world.db("providers").where({ id: "kimi" }).update({ enabled: false });
		await world.db("provider_models").where({ provider_id: "glm" }).delete();
		const node = await world.startNode();
		const person = await world.addPerson({ planId: "max_200", policy: "BEST", routeOrder: ABROAD });
		const answer = await world.ask(node, person.key, { message: "hi", policy: "CN_OK" });
		expect(answer).toMatchObject({ status: 503, body: { error: { code: "ROUTER_NO_PROVIDER" } } });
		expect([connections(home), connections(abroad)]).toEqual([0, 0]);
	});

	test("while the same person's other tiers go on elsewhere, and come back to China when it is well", async () => {
		const world = await worlds.open();
		const { home, abroad } = await addVendors(world, { kind: "status", status: 500 });
		const node = await world.startNode();
		const person = await world.addPerson({ planId: "pro_40", policy: "CN_OK" });
		expect(await world.ask(node, person.key, "hi")).toMatchObject({ status: 503 });
		expect(connections(abroad)).toBe(0);
		expect(await world.ask(node, person.key, { message: "hi", policy: "BEST" })).toMatchObject({
			status: 200,
		});
		expect(connections(abroad)).toBe(1);
		for (const vendor of home) vendor.answerAlways({ kind: "text" });
		expect(await world.ask(node, person.key, "hi")).toMatchObject({ status: 200 });
		expect(connections(abroad)).toBe(1);
		const { usage } = await readCharges(world.db, person.accountId);
		expect(usage.map(({ policy, region, outcome }) => [policy, region, outcome])).toEqual([
			["CN_OK", "cn", "failed"],
			["CN_OK", "cn", "failed"],
			["BEST", "local", "complete"],
			["CN_OK", "cn", "complete"],
		]);
	});
});

describe("CN_OK with every provider of China silent or over its limits", () => {
	test.each<[FakeAnswer, string]>([
		[{ kind: "hang" }, "ROUTER_TIMEOUT"],
		[{ kind: "status", status: 429, headers: { "retry-after": "60" } }, "ROUTER_RATE_LIMITED"],
	])("%j ends as %s, with no connection to another region", async (atHome, code) => {
		const world = await worlds.open();
		const { abroad } = await addVendors(world, atHome);
		const node = await world.startNode();
		const person = await world.addPerson({ planId: "max_200", policy: "CN_OK", routeOrder: ABROAD });
		for (let message = 0; message < 2; message += 1) {
			const answer = await world.ask(node, person.key, "hi");
			expect(answer.body).toMatchObject({ error: { code } });
		}
		expect(connections(abroad)).toBe(0);
	});
});
