import { setTimeout as sleep } from "node:timers/promises";
import { createSecrets } from "../../../core/secrets/create-secrets.ts";
import { readKeyRing } from "../../../core/secrets/key-files.ts";
import type { Desk } from "./desk.ts";
import type { SecretEnv, VendorId } from "./secret-env.ts";
import { VENDOR_IDS } from "./secret-env.ts";
import { askVendor } from "./secret-vendors.ts";

export type FlipReport = {
	readonly flips: number;
	/** Records that opened although a bit was another one. */
	readonly opened: number;
	/** Vendors that were called although their key could not be read. */
	readonly called: readonly string[];
	/** Secrets that came out as they went in, before anything was flipped. */
	readonly read: number;
};

/** The node looks at the table of providers again after 5 s. */
const TABLE_MS = 6_000;

type Row = { readonly id: string; readonly record: string };

/**
 * Turns one bit of each stored record, somewhere else each round: none opens. Then the node itself meets keys that do not open:
 * it must not call with what is left of them.
 */
export async function flipBits(desk: Desk, { makeSecret }: SecretEnv, rounds: number): Promise<FlipReport> {
	const { db } = desk.world;
	const rows = await db<Row>("secrets").select("id", "record");
	const read = await countOpened(desk, rows);
	let opened = 0;
	for (let round = 0; round < rounds; round += 1) {
		for (const { id, record } of rows) {
			await db("secrets")
				.where({ id })
				.update({ record: flip(record, makeSecret(2)) });
		}
		opened += await countOpened(desk, rows);
		const keys = await db<{ tenant: string; wrapped: string }>("data_keys").select("tenant", "wrapped");
		for (const { id, record } of rows) await db("secrets").where({ id }).update({ record });
		for (const { tenant, wrapped } of keys) {
			await db("data_keys")
				.where({ tenant })
				.update({ wrapped: flip(wrapped, makeSecret(2)) });
		}
		opened += await countOpened(desk, rows);
		for (const { tenant, wrapped } of keys) await db("data_keys").where({ tenant }).update({ wrapped });
	}
	return {
		flips: rounds * rows.length * 2,
		opened,
		called: await callWithFlipped(desk, rows, makeSecret),
		read,
	};
}

/** Of a node that has just begun: nothing in its memory. */
async function countOpened({ world }: Desk, rows: readonly Row[]): Promise<number> {
	const secrets = createSecrets({
		db: world.db,
		readKeys: async () => await readKeyRing(`${world.directory}/keys`),
		registerSecret: () => undefined,
	});
	const values = await Promise.allSettled(rows.map(async ({ id }) => await secrets.get(id)));
	return values.filter(({ status }) => status === "fulfilled").length;
}

async function callWithFlipped(
	desk: Desk,
	rows: readonly Row[],
	makeSecret: (length: number) => string,
): Promise<readonly string[]> {
	const { db, vendor } = desk.world;
	const providers = await db<{ id: VendorId; secret_id: string | null }>("providers").whereIn("id", [
		...VENDOR_IDS,
	]);
	const first = vendor.requests.length;
	for (const { secret_id } of providers) {
		const row = rows.find(({ id }) => id === secret_id);
		if (row === undefined) continue;
		const at = row.record.lastIndexOf(".") - 1 - (makeSecret(1).charCodeAt(0) % 8);
		const record = flipAt(row.record, at, 1);
		await db("secrets").where({ id: row.id }).update({ record });
	}
	await sleep(TABLE_MS);
	for (const id of VENDOR_IDS) await askVendor(desk, id, "with a flipped key");
	for (const { id, record } of rows) await db("secrets").where({ id }).update({ record });
	return vendor.requests.slice(first).map(({ path }) => path);
}

/** drawn: two characters of chance, for the place and the bit. */
function flip(record: string, drawn: string): string {
	return flipAt(record, (drawn.charCodeAt(0) * 131) % record.length, drawn.charCodeAt(1) % 7);
}

function flipAt(record: string, at: number, bit: number): string {
	const turned = String.fromCharCode(record.charCodeAt(at) ^ (1 << bit));
	return record.slice(0, at) + (turned === "\0" ? "!" : turned) + record.slice(at + 1);
}
