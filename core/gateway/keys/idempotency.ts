import { hash, randomUUID } from "node:crypto";
import type { Knex } from "knex";
import type { BegunRequest, RequestRef, StoredAnswer } from "../../db/gateway-requests.ts";
import {
	ANSWER_BYTES_MAX,
	completeRequest,
	deleteRequest,
	insertRequest,
} from "../../db/gateway-requests.ts";
import { tryAgain } from "../../ledger/again.ts";
import type { KeyGrant } from "../key-grant.ts";

/** Whoever has not ended so long after the time of a call is dead: it also waits for its caller and for its charge. */
const GRACE_MS = 60_000;
/** Source: security, S22. */
const CALL_MS_MAX = 600_000;
const KEPT_MS = 24 * 3_600_000;

/** Of a request that is ours to execute: to be finished or abandoned. */
export type OpenRequest = RequestRef;

export type BeginOutcome =
	| { readonly kind: "new"; readonly request: OpenRequest }
	| Exclude<BegunRequest, { readonly kind: "new" }>;

/**
 * Of any number of requests of one key with the same Idempotency-Key and body one is executed ("new"); the others hear that
 * it is running, or get its answer again ("done", for 24 hours). Another body under a used key is a "conflict". One statement.
 *
 * callMsMax: how long one call may take, with all its tries.
 * bodyHash: SHA-256 of all that makes the request what it is: the path, and the body as it came.
 */
export async function beginRequest(
	db: Knex,
	grant: Pick<KeyGrant, "keyId" | "accountId">,
	request: { readonly idempotencyKey: string; readonly bodyHash: Buffer },
	callMsMax = CALL_MS_MAX,
): Promise<BeginOutcome> {
	const { keyId, accountId } = grant;
	const idempotencyHash = hash("sha256", request.idempotencyKey, "buffer");
	const ref: OpenRequest = { keyId, idempotencyHash, token: randomUUID() };
	const { bodyHash } = request;
	const begun = await tryAgain(
		async () => await insertRequest(db, ref, { accountId, bodyHash, runningMs: callMsMax + GRACE_MS }),
	);
	return begun.kind === "new" ? { kind: "new", request: ref } : begun;
}

/**
 * Keeps the answer for those who ask again. An answer above 1 MiB is not kept, only that there was one. `db` may be the
 * transaction of the charge: then what was charged was answered, whatever happens to the node.
 *
 * @returns false when the request was taken over by another one meanwhile
 */
export async function finishRequest(db: Knex, request: OpenRequest, answer: StoredAnswer): Promise<boolean> {
	const isLarge = answer.body !== undefined && answer.body.length > ANSWER_BYTES_MAX;
	return await completeRequest(db, request, isLarge ? { ...answer, body: undefined } : answer, KEPT_MS);
}

/** Nothing came of it and nothing was charged: the same request may be made again at once. */
export async function abandonRequest(db: Knex, request: OpenRequest): Promise<void> {
	await deleteRequest(db, request);
}
