import Anthropic from "@anthropic-ai/sdk";
import { afterAll, beforeAll, beforeEach, expect } from "@jest/globals";
import OpenAI from "openai";
import type { Dialect } from "../../../core/dialects/types.ts";
import { eventually } from "../../../core/testing/eventually.ts";
import type { FakeProviderServer } from "../../../core/testing/fake-provider-server.ts";
import type { Node } from "../../compose/boot-node.ts";
import type { HttpLimits } from "../../compose.ts";
import type { PersonOptions } from "../testing/add-person.ts";
import type { AppWorld, Env, Person } from "../testing/app-world.ts";
import { createAppWorld } from "../testing/app-world.ts";
import type { ProviderOptions } from "../testing/insert-provider.ts";

export type GatewayOptions = {
	readonly env?: Env;
	readonly httpLimits?: HttpLimits;
	/** More vendors: what one does must not open the breaker of another. */
	readonly vendors?: readonly ProviderOptions[];
	/** Before the node starts. */
	prepare?(world: AppWorld): Promise<void>;
};

/** One world with a vendor of each dialect, a node, and a customer whose plan lets him name a model. */
export type GatewayWorld = {
	world(): AppWorld;
	node(): Node;
	/** Of 127.0.0.1, without a path. */
	origin(): string;
	vendor(dialect: Dialect): FakeProviderServer;
	/** One of the additional ones. */
	vendorNamed(id: string): FakeProviderServer;
	/** What the vendor was sent last, and the content of its messages. */
	lastBody(dialect: Dialect): Readonly<Record<string, unknown>>;
	lastMessages(dialect: Dialect): readonly SentMessage[];
	person(): Person;
	addPerson(options?: PersonOptions): Promise<Person>;
	/** The vendors' own packages, pointed at the node. They do not repeat what fails. */
	openai(key?: string): OpenAI;
	anthropic(key?: string): Anthropic;
};

export type SentMessage = { readonly role: string; readonly content: unknown };

export const DIALECTS: readonly Dialect[] = ["openai", "anthropic"];

const ENV: Env = {
	GATEWAY_REQUESTS_PER_MINUTE: "100000",
	GATEWAY_CONCURRENCY: "100",
	PROVIDER_FIRST_BYTE_TIMEOUT_MS: "2000",
	PROVIDER_IDLE_TIMEOUT_MS: "2000",
};

/** The name under which a customer of the large plans reaches the vendor of a dialect and nobody else. */
export function modelOf(dialect: Dialect): string {
	return modelNamed(`vendor-${dialect}`);
}

export function modelNamed(vendorId: string): string {
	return `${vendorId}/${vendorId}-model`;
}

/** Whatever the tests of a file do: every reservation has come to its end, and the ledger agrees with itself. */
export function useGateway(given: GatewayOptions = {}): GatewayWorld {
	const vendors = new Map<string, FakeProviderServer>();
	let world: AppWorld | undefined;
	let node: Node | undefined;
	let person: Person | undefined;

	beforeAll(async () => {
		world = await createAppWorld({ ...ENV, ...given.env });
		const own = DIALECTS.map((dialect) => ({ id: `vendor-${dialect}`, dialect }));
		for (const one of [...own, ...(given.vendors ?? [])]) vendors.set(one.id, await world.addProvider(one));
		await given.prepare?.(world);
		node = await world.startNode({}, given.httpLimits);
		person = await world.addPerson({ planId: "max_200" });
	});
	beforeEach(() => {
		for (const vendor of vendors.values()) vendor.answerAlways({ kind: "text" });
	});
	afterAll(async () => {
		const { db } = required(world);
		await required(world).stopNodes();
		// A package that has read [DONE] does not wait for the end of the response, which comes after the charge.
		await eventually(async () => {
			return (await db("ledger_reservations").where({ state: "pending" }).first("id")) === undefined;
		});
		const { rows } = await db.raw<{ rows: unknown[] }>("select * from violations");
		await world?.close();
		expect(rows).toEqual([]);
	});

	const origin = (): string => `http://127.0.0.1:${required(node).app.address.port}`;
	const options = { maxRetries: 0, logLevel: "off" } as const;
	const vendorOf = (dialect: Dialect) => required(vendors.get(`vendor-${dialect}`));
	const lastBody = (dialect: Dialect) => required(vendorOf(dialect).requests.at(-1)).body;
	return {
		lastBody,
		lastMessages: (dialect) => lastBody(dialect)["messages"] as readonly SentMessage[],
		world: () => required(world),
		node: () => required(node),
		origin,
		vendor: vendorOf,
		vendorNamed: (id) => required(vendors.get(id)),
		person: () => required(person),
		addPerson: async (more = {}) => await required(world).addPerson({ planId: "max_200", ...more }),
		openai: (key = required(person).key) =>
			new OpenAI({ ...options, apiKey: key, baseURL: `${origin()}/v1` }),
		anthropic: (key = required(person).key) => new Anthropic({ ...options, apiKey: key, baseURL: origin() }),
	};
}

function required<T>(value: T | undefined): T {
	if (value === undefined) throw new Error("there is no such thing (any more)");
	return value;
}
