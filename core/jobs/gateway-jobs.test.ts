import { randomUUID } from "node:crypto";
import { expect, test } from "@jest/globals";
import { issueKey } from "../api-keys/issue-key.ts";
import { beginRequest } from "../gateway/keys/idempotency.ts";
import { createKeyCaps } from "../gateway/keys/key-caps.ts";
import { createTestDb } from "../testing/create-test-db.ts";
import { joinAs, makeSender } from "../testing/people.ts";
import { gatewayJobs } from "./gateway-jobs.ts";

test("each job sweeps what is over, all of it, and leaves the rest", async () => {
	const { db, destroy } = await createTestDb();
	try {
		const accountId = await joinAs(db, makeSender());
		const { id: keyId } = await issueKey(db, accountId, { dailyCapMicro: 5_000 });
		const request = { reservationId: randomUUID(), wantedMicro: 1, source: "api", ttlMs: 60_000 } as const;
		await createKeyCaps(db).hold({ keyId, dailyCapMicro: 5_000, idleCapMicro: undefined }, request);
		await beginRequest(db, { keyId, accountId }, { idempotencyKey: "x", bodyHash: Buffer.alloc(32) });
		await db.raw(
			`insert into api_key_holds select gen_random_uuid(), key_id, 1, false, day_ends_at, hour_ends_at, now() - interval '2 hours'
			from api_key_holds, generate_series(1, 1500)`,
		);
		await db.raw(
			`insert into gateway_requests (key_id, idempotency_hash, account_id, body_hash, token, expires_at)
			select key_id, int4send(n), account_id, body_hash, token, now() - interval '1 second'
			from gateway_requests, generate_series(1, 1500) n`,
		);
		const { signal } = new AbortController();
		for (const job of gatewayJobs) expect(await job.run(db, signal)).toBe(1_500);
		for (const job of gatewayJobs) expect(await job.run(db, signal)).toBe(0);
		expect(await db("api_key_holds").pluck("id")).toEqual([request.reservationId]);
		expect(await db("gateway_requests")).toHaveLength(1);
	} finally {
		await destroy();
	}
});
