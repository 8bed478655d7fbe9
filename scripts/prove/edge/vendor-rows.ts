import assert from "node:assert/strict";
import type { Desk } from "./desk.ts";
import type { HostileVendor, HostileVendors } from "./hostile-vendors.ts";
import type { InputRow } from "./input-row.ts";

/** How long one question may take whatever its vendor does; the node under test has short time limits. */
const ANSWER_MS_MAX = 30_000;
const OWN_ORDER_PLAN = "max_200";

/** Rows 33, 36 to 39 and 46: the far end of a model call. */
export function toVendorRows(vendors: HostileVendors): readonly InputRow[] {
	return [
		...vendors.urls.map((vendor) => ({
			row: vendor.row,
			name: `a vendor at ${vendor.name}: nobody connects`,
			async check(desk: Desk) {
				await askFirst(desk, vendor);
				assert.equal(vendors.canaryCount(), 0, "a connection was made");
			},
		})),
		...vendors.answers.map((vendor) => ({
			row: vendor.row,
			name: `a vendor with ${vendor.name}: settled, in bounds`,
			...(vendor.isSlow && { isSlow: true as const }),
			async check(desk: Desk) {
				await askFirst(desk, vendor);
				assert.equal(vendors.canaryCount(), 0, "a redirect was followed");
			},
		})),
	];
}

/** Asks somebody whose account wants this vendor first: an answer comes all the same, and nothing stays reserved. */
async function askFirst(desk: Desk, { id }: HostileVendor): Promise<void> {
	const { accountId, key } = await desk.program({
		planId: OWN_ORDER_PLAN,
		policy: "CN_OK",
		routeOrder: [id],
	});
	const startedAt = performance.now();
	const { status, text } = await desk.chat(key, { message: `hello ${id}` });
	const tookMs = performance.now() - startedAt;
	assert.equal(status, 200, text);
	assert.ok(tookMs < ANSWER_MS_MAX, `it took ${Math.round(tookMs)} ms`);
	assert.ok(text.isWellFormed() && !text.includes("\\u0000"), `an answer nobody can store: ${text}`);
	const { db } = desk.world;
	const calls = await db("usage_log").where({ account_id: accountId }).pluck<string[]>("provider_id");
	assert.ok(calls.includes(id), `${id} was not asked: ${calls.join()}`);
	const pending = await db("ledger_buckets").where({ account_id: accountId }).whereNot("pending_micro", 0);
	assert.equal(pending.length, 0, "tokens stay reserved");
	const { rows } = await db.raw<{ rows: unknown[] }>("select * from violations");
	assert.deepEqual(rows, []);
}
