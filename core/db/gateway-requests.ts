import type { Knex } from "knex";

/** A request with an Idempotency-Key; `token` is who executes it. */
export type RequestRef = {
	readonly keyId: string;
	/** SHA-256 of the caller's Idempotency-Key. */
	readonly idempotencyHash: Buffer;
	/** UUID. */
	readonly token: string;
};

export type StoredAnswer = {
	readonly status: number;
	readonly contentType: string | undefined;
	/** Undefined: it was too large to be kept. */
	readonly body: Buffer | undefined;
};

export type BegunRequest =
	| { readonly kind: "new" }
	/** Somebody executes it just now. */
	| { readonly kind: "running" }
	| { readonly kind: "done"; readonly answer: StoredAnswer }
	/** The Idempotency-Key was used for something else. */
	| { readonly kind: "conflict" };

/** Bytes of an answer that are kept. Source: the check of gateway_requests.answer. */
export const ANSWER_BYTES_MAX = 1_048_576;

/** One statement; of any number of the same request at a time one is "new". */
export async function insertRequest(
	db: Knex,
	ref: RequestRef,
	request: { readonly accountId: string; readonly bodyHash: Buffer; readonly runningMs: number },
): Promise<BegunRequest> {
	const { rows } = await db.raw<{ rows: BegunRow[] }>(
		"select * from gateway_request_begin(?, ?::bytea, ?, ?::bytea, ?::uuid, ?)",
		[
			ref.keyId,
			ref.idempotencyHash,
			request.accountId,
			request.bodyHash,
			ref.token,
			Math.trunc(request.runningMs),
		],
	);
	const [row] = rows;
	if (row === undefined) throw new Error("a function with out parameters answers one row");
	if (row.kind !== "done") return { kind: row.kind };
	const { status, content_type: contentType, answer } = row;
	return {
		kind: "done",
		answer: { status: status ?? 0, contentType: contentType ?? undefined, body: answer ?? undefined },
	};
}

type BegunRow = {
	readonly kind: BegunRequest["kind"];
	readonly status: number | null;
	readonly content_type: string | null;
	readonly answer: Buffer | null;
};

/** Keeps the answer for `keptMs`. False when another one has taken over, or it was answered before. */
export async function completeRequest(
	db: Knex,
	ref: RequestRef,
	answer: StoredAnswer,
	keptMs: number,
): Promise<boolean> {
	const { rows } = await db.raw<{ rows: unknown[] }>(
		`update gateway_requests set state = 'done', status = :status, content_type = :contentType, answer = :body::bytea,
			expires_at = ledger_now() + :keptMs * interval '1 millisecond'
		where key_id = :keyId and idempotency_hash = :idempotencyHash::bytea and token = :token::uuid and state = 'running'
		returning 1`,
		{
			...ref,
			status: answer.status,
			contentType: answer.contentType ?? null,
			body: answer.body ?? null,
			keptMs,
		},
	);
	return rows.length > 0;
}

/** As if it had never been asked. False when another one has taken over, or it was answered. */
export async function deleteRequest(db: Knex, ref: RequestRef): Promise<boolean> {
	const { rows } = await db.raw<{ rows: unknown[] }>(
		`delete from gateway_requests where key_id = :keyId and idempotency_hash = :idempotencyHash::bytea
			and token = :token::uuid and state = 'running' returning 1`,
		{ ...ref },
	);
	return rows.length > 0;
}

/** Forgets up to `limit` requests whose time is over; how many. */
export async function deleteOldRequests(db: Knex, limit: number): Promise<number> {
	const { rows } = await db.raw<{ rows: unknown[] }>(
		`delete from gateway_requests where ctid = any (array(
			select ctid from gateway_requests where expires_at < ledger_now() limit ? for update skip locked
		)) returning 1`,
		[limit],
	);
	return rows.length;
}
