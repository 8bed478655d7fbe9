import { randomBytes } from "node:crypto";
import type { Knex } from "knex";
import { createDb } from "../../../core/db/connect.ts";
import type { Dialect } from "../../../core/dialects/types.ts";
import { MICRO } from "../../../core/ledger/ledger.ts";
import { createFakeProviderServer } from "../../../core/testing/fake-provider-server.ts";
import { pollUntil } from "../../../core/testing/poll-until.ts";
import { createScratchDatabase } from "../../bench/scratch-database.ts";
import { addPerson } from "../../whole-system/testing/add-person.ts";
import { readCharges } from "../../whole-system/testing/read-charges.ts";
import { startAppNode } from "../testing/start-app-node.ts";
import type { ScriptedModel } from "./scripted-model.ts";
import { createScriptedModel } from "./scripted-model.ts";

export type Customer = { readonly accountId: string; readonly key: string };

/** The whole program as a process of its own over a scratch database, with one provider that a scripted model answers for. */
export type ClientWorld = {
	/** Of 127.0.0.1, without a path. */
	readonly origin: string;
	readonly model: ScriptedModel;
	/** Must be seen by the vendor and by nobody else. */
	readonly vendorKey: string;
	addCustomer(): Promise<Customer>;
	/** Stops the program. What is wrong with the books of these customers then, and what they were charged. */
	audit(customers: readonly Customer[]): Promise<Audit>;
	stop(): Promise<void>;
};

export type Audit = { readonly faults: readonly string[]; readonly calls: number; readonly tokens: number };

const DAILY_TOKENS = 100_000_000;

export async function startClientWorld(dialect: Dialect, directory: string): Promise<ClientWorld> {
	const undo: (() => Promise<unknown>)[] = [];
	const stop = async (): Promise<void> => {
		for (const step of undo.splice(0).reverse()) await step();
	};
	try {
		const scratch = await createScratchDatabase({
			serverUrl: process.env["DATABASE_URL"] ?? process.env["TEST_DATABASE_URL"],
		});
		undo.push(scratch.destroy);
		const db = createDb(scratch.url, { poolMax: 2 });
		undo.push(async () => await db.destroy());
		const vendor = await createFakeProviderServer();
		undo.push(vendor.close);
		const model = createScriptedModel();
		vendor.answerAlways(model.answer);
		const vendorKey = `sk-vendor-${randomBytes(24).toString("hex")}`;
		const node = startAppNode({
			env: {
				DATABASE_URL: scratch.url,
				DATA_DIR: directory,
				LOG_LEVEL: "warn",
				GATEWAY_REQUESTS_PER_MINUTE: "1000",
				CUSTOM_PROVIDER_BASE_URL: vendor.baseUrl(dialect),
				CUSTOM_PROVIDER_DIALECT: dialect,
				CUSTOM_PROVIDER_API_KEY: vendorKey,
				CUSTOM_PROVIDER_MODELS: "scripted",
				CUSTOM_PROVIDER_ALLOW_PRIVATE: "true",
			},
		});
		undo.push(node.stop);
		const { port } = await node.ready;
		return {
			origin: `http://127.0.0.1:${port}`,
			...{ model, vendorKey, stop },
			addCustomer: async () => await addPerson(db, { planId: "max_200", dailyTokens: DAILY_TOKENS }),
			async audit(customers) {
				await node.stop();
				const hasVendorKey = vendor.requests.every(({ headers }) =>
					[headers.authorization, headers["x-api-key"]].join().includes(vendorKey),
				);
				const audited = await audit(db, model, customers);
				const faults = hasVendorKey ? [] : ["the vendor was asked without the vendor's key"];
				return { ...audited, faults: [...faults, ...audited.faults] };
			},
		};
	} catch (error) {
		await stop();
		throw error;
	}
}

/** Every call of the model was charged to one of them once, as the model counted it, and nothing is left over. */
async function audit(db: Knex, model: ScriptedModel, customers: readonly Customer[]): Promise<Audit> {
	const isSettled = async (): Promise<boolean> =>
		(await db("ledger_reservations").where({ state: "pending" }).first("id")) === undefined;
	const faults: string[] = [];
	await pollUntil(isSettled, 25_000).catch(() => faults.push("a reservation is left"));
	const charges = await Promise.all(customers.map(async ({ accountId }) => await readCharges(db, accountId)));
	const usage = charges.flatMap((one) => one.usage);
	const expected = model.counted.map(({ input, output }) => `${input}+${output}`).sort();
	const charged = usage.map(({ input, output }) => `${input}+${output}`).sort();
	if (expected.join() !== charged.join()) {
		faults.push(`the model counted ${expected.join()}; charged was ${charged.join()}`);
	}
	for (const { input, output, charged: tokens, outcome, origin, provider } of usage) {
		if (tokens !== input + output) faults.push(`${input}+${output} was charged as ${tokens}`);
		if (outcome !== "complete" || origin !== "reported" || provider !== "custom") {
			faults.push(`a call of ${provider} ended as ${outcome}, ${origin}`);
		}
	}
	if (charges.some((one) => one.usage.length === 0)) faults.push("somebody was charged nothing");
	const { rows } = await db.raw<{ rows: unknown[] }>("select * from violations");
	if (rows.length > 0) faults.push(`violations: ${JSON.stringify(rows.slice(0, 3))}`);
	const tokens = usage.reduce((sum, one) => sum + one.charged, 0);
	// Many calls may be held by one reservation: what counts is what the accounts have paid.
	const paid = await readPaid(db, customers);
	if (paid !== tokens) faults.push(`${paid} tokens were paid for ${tokens}`);
	return { faults, calls: usage.length, tokens };
}

async function readPaid(db: Knex, customers: readonly Customer[]): Promise<number> {
	const row = await db("ledger_buckets")
		.whereIn(
			"account_id",
			customers.map(({ accountId }) => accountId),
		)
		.sum<{ paid: string }[]>({ paid: "posted_micro" })
		.first();
	return Number(row?.paid ?? 0) / MICRO;
}
