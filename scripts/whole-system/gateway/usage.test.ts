import { expect, test } from "@jest/globals";
import { issueKey } from "../../../core/api-keys/issue-key.ts";
import { setModelPreset } from "../../../core/db/accounts.ts";
import { PATHS, post, toBody } from "./ask-raw.ts";
import { modelOf, useGateway } from "./use-gateway.ts";

const gateway = useGateway();

type UsageBody = { readonly tokens: Readonly<Record<string, number>>; readonly sources: readonly object[] };

async function readUsage(key: string): Promise<{ status: number; body: UsageBody }> {
	const response = await fetch(`${gateway.origin()}/v1/usage`, {
		headers: { authorization: `Bearer ${key}` },
	});
	return { status: response.status, body: (await response.json()) as UsageBody };
}

test("a program reads what is left of its day, and what the rest was spent on", async () => {
	const { db } = gateway.world();
	const { accountId, key } = await gateway.addPerson({ dailyTokens: 10_000 });
	const fresh = await readUsage(key);
	expect(fresh.body).toMatchObject({
		tokens: { granted: 10_000, used: 0, held: 0, left: 10_000 },
		sources: [],
	});
	const { key: cron } = await issueKey(db, accountId, { source: "cron" });
	const body = toBody("openai", modelOf("openai"), { max_tokens: 50 });
	for (const caller of [key, key, cron]) {
		expect((await post(gateway.origin(), PATHS.openai, { key: caller, body })).status).toBe(200);
	}
	const { status, body: used } = await readUsage(key);
	expect(status).toBe(200);
	expect(used).toEqual({
		since: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
		resetsAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
		zone: expect.any(String),
		tokens: { granted: 10_000, used: 66, held: 0, left: 9_934 },
		sources: [
			{ source: "api", calls: 2, inputTokens: 40, outputTokens: 4, chargedTokens: 44 },
			{ source: "cron", calls: 1, inputTokens: 20, outputTokens: 2, chargedTokens: 22 },
		],
	});
});

test("a key with limits, and one in the other vendor's header, read it too; from another network nobody does", async () => {
	const { db } = gateway.world();
	const { accountId, key } = await gateway.addPerson({ dailyTokens: 10_000 });
	const limits = { dailyCapMicro: 5_000_000, tiers: ["auto"] as const };
	const near = await issueKey(db, accountId, { ...limits, networks: ["127.0.0.0/8"] });
	const far = await issueKey(db, accountId, { ...limits, networks: ["10.0.0.0/8"] });
	expect(await readUsage(near.key)).toMatchObject({ status: 200, body: { tokens: { granted: 10_000 } } });
	expect((await readUsage(far.key)).status).toBe(403);
	const headers = { "x-api-key": key };
	expect((await fetch(`${gateway.origin()}/v1/usage`, { headers })).status).toBe(200);
	const both = { ...headers, authorization: `Bearer ${key}` };
	expect((await fetch(`${gateway.origin()}/v1/usage`, { headers: both })).status).toBe(401);
});

test("usage is nobody's business without a key", async () => {
	expect((await readUsage("rp_nobody")).status).toBe(401);
});

test("an account's preset says what a size is called", async () => {
	const { db } = gateway.world();
	const { accountId, key } = await gateway.addPerson();
	await setModelPreset(db, accountId, "qwen");
	// The vendors here have no model of that name.
	const body = toBody("openai", "opus", { max_tokens: 50 });
	const refused = await post(gateway.origin(), PATHS.openai, { key, body });
	expect(refused.status).toBe(404);
	await setModelPreset(db, accountId, undefined);
	const other = await issueKey(db, accountId);
	expect((await post(gateway.origin(), PATHS.openai, { key: other.key, body })).status).toBe(200);
});
