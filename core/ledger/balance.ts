import type { Knex } from "knex";
import type { Balance, BucketBalance, BucketKind } from "./ledger.ts";

type Row = {
	readonly account_id: string;
	readonly zone: string;
	readonly resets_at: Date | null;
	readonly bucket_id: string | null;
	readonly kind: BucketKind;
	readonly granted_micro: string;
	readonly posted_micro: string;
	readonly pending_micro: string;
	readonly ends_at: Date | null;
};

/** Balances of many accounts in one statement, which locks and writes nothing. undefined where the account is unknown. */
export async function readBalances(
	db: Knex,
	accountIds: readonly string[],
): Promise<readonly (Balance | undefined)[]> {
	const { rows } = await db.raw<{ rows: Row[] }>("select * from ledger_balance(?::bigint[])", [
		`{${[...new Set(accountIds)].join(",")}}`,
	]);
	const byAccount = Map.groupBy(rows, (row) => row.account_id);
	return accountIds.map((accountId) => toBalance(byAccount.get(accountId) ?? []));
}

function toBalance(rows: readonly Row[]): Balance | undefined {
	const first = rows[0];
	if (first === undefined) return undefined;
	const buckets = rows.flatMap(toBucket);
	const grantedMicro = sum(buckets, (bucket) => bucket.grantedMicro);
	const postedMicro = sum(buckets, (bucket) => bucket.postedMicro);
	const pendingMicro = sum(buckets, (bucket) => bucket.pendingMicro);
	return {
		grantedMicro,
		postedMicro,
		pendingMicro,
		availableMicro: grantedMicro - postedMicro - pendingMicro,
		resetsAt: first.resets_at ?? undefined,
		zone: first.zone,
		buckets,
	};
}

function toBucket(row: Row): BucketBalance[] {
	if (row.bucket_id === null) return [];
	return [
		{
			bucketId: row.bucket_id,
			kind: row.kind,
			grantedMicro: Number(row.granted_micro),
			postedMicro: Number(row.posted_micro),
			pendingMicro: Number(row.pending_micro),
			endsAt: row.ends_at ?? undefined,
		},
	];
}

function sum<Item>(items: readonly Item[], pick: (item: Item) => number): number {
	return items.reduce((total, item) => total + pick(item), 0);
}
