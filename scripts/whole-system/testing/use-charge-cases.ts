import { afterAll, beforeAll, expect } from "@jest/globals";
import { countMessageTokens, maxMessageTokens } from "../../../core/models/count-tokens.ts";
import type { ChatMessage } from "../../../core/providers/provider.ts";
import type { FakeAnswer, FakeProviderServer } from "../../../core/testing/fake-provider-server.ts";
import type { Node } from "../../compose/boot-node.ts";
import type { AppWorld, Env, Person } from "./app-world.ts";
import { createAppWorld } from "./app-world.ts";
import type { ChatAnswer } from "./ask-over-http.ts";
import type { ReservationFigures, UsageFigures } from "./read-charges.ts";
import { readCharges } from "./read-charges.ts";

/** Somebody whose calls go to a vendor of his own first, then to "spare". */
export type ChargeCase = {
	readonly vendorId: string;
	readonly vendor: FakeProviderServer;
	readonly person: Person;
};

export type Charged = {
	readonly reservations: readonly ReservationFigures[];
	readonly usage: readonly UsageFigures[];
	/** What the case's vendor was sent, in tokens as we count them. */
	readonly inputCounted: number;
	/** More than that no honest vendor can report. */
	readonly inputMax: number;
	/** What it was told to stop at. */
	readonly outputMax: number;
};

export type ChargeCases = {
	world(): AppWorld;
	node(): Node;
	/** "spare" answers "hello" for 22 tokens. */
	spare(): FakeProviderServer;
	make(answer: FakeAnswer, dailyTokens?: number): Promise<ChargeCase>;
	ask(one: ChargeCase): Promise<Charged & { readonly answer: ChatAnswer }>;
	read(one: ChargeCase): Promise<Charged>;
};

const VENDORS = 16;
const DAILY_TOKENS = 5_000;

/** One world for the cases of a file: what one vendor does must not open the breaker of another. */
export function useChargeCases(env: Env = {}): ChargeCases {
	const vendors: [string, FakeProviderServer][] = [];
	let made = 0;
	let world: AppWorld | undefined;
	let node: Node | undefined;
	let spare: FakeProviderServer | undefined;

	beforeAll(async () => {
		world = await createAppWorld(env);
		spare = await world.addProvider({ id: "spare", quality: 1 });
		for (let number = 0; number < VENDORS; number += 1) {
			const id = `vendor-${number}`;
			vendors.push([id, await world.addProvider({ id })]);
		}
		node = await world.startNode();
	});
	afterAll(async () => {
		const { rows } = await require(world).db.raw<{ rows: unknown[] }>("select * from violations");
		await world?.close();
		expect(rows).toEqual([]);
	});

	async function read({ vendor, person }: ChargeCase): Promise<Charged> {
		const [request] = vendor.requests;
		const messages = (request?.body["messages"] ?? []) as readonly ChatMessage[];
		return {
			...(await readCharges(require(world).db, person.accountId)),
			inputCounted: await countMessageTokens(messages),
			inputMax: maxMessageTokens(messages),
			outputMax: Number(request?.body["max_tokens"]),
		};
	}

	return {
		world: () => require(world),
		node: () => require(node),
		spare: () => require(spare),
		read,
		async make(answer, dailyTokens = DAILY_TOKENS) {
			const [vendorId, vendor] = require(vendors[made]);
			made += 1;
			vendor.answerAlways(answer);
			const plan = { planId: "max_200", dailyTokens, routeOrder: [vendorId, "spare"] };
			return { vendorId, vendor, person: await require(world).addPerson(plan) };
		},
		async ask(one) {
			const answer = await require(world).ask(require(node), one.person.key, "hi");
			return { answer, ...(await read(one)) };
		},
	};
}

function require<T>(value: T | undefined): T {
	if (value === undefined) throw new Error("there is no such thing (any more)");
	return value;
}
