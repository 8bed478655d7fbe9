import { describe, expect, test } from "@jest/globals";
import { openRawSocket } from "../../../bots/http/testing/raw-socket.ts";
import { issueKey } from "../../../core/api-keys/issue-key.ts";
import { MICRO } from "../../../core/ledger/ledger.ts";
import { PATHS, post, SURFACES, toBody } from "./ask-raw.ts";
import { modelOf, useGateway } from "./use-gateway.ts";

const gateway = useGateway();
const model = modelOf("openai");
const BODY = JSON.stringify(toBody("openai", model));

/** One request with these header lines, as no client would write it. */
async function ask(path: string, lines: readonly string[]): Promise<{ status: number; text: string }> {
	const raw = await openRawSocket(gateway.node().app.address.port);
	const head = [
		`POST ${path} HTTP/1.1`,
		"host: x",
		"connection: close",
		"content-type: application/json",
		`content-length: ${Buffer.byteLength(BODY)}`,
		...lines,
	];
	raw.write(`${head.join("\r\n")}\r\n\r\n${BODY}`);
	const text = await raw.closed();
	return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), text };
}

const id = (): string => gateway.person().key.split("_")[1] ?? "";

describe("bad input 40: a key that is none", () => {
	test.each<[string, () => readonly string[], number]>([
		["none", () => [], 401],
		["the prefix only", () => ["authorization: Bearer rp_"], 401],
		["prefix and id", () => [`authorization: Bearer rp_${id()}`], 401],
		["prefix, id and an empty secret", () => [`authorization: Bearer rp_${id()}_`], 401],
		["the right id with a wrong secret", () => [`authorization: Bearer rp_${id()}_${"A".repeat(43)}`], 401],
		["a quote and a comment of SQL", () => ["authorization: Bearer rp_x'--"], 401],
		["a quote in x-api-key", () => ["x-api-key: ' or 1=1;--"], 401],
		["10 kB", () => [`authorization: Bearer rp_${"a".repeat(10_240)}`], 401],
		["NUL, which HTTP itself refuses", () => [`authorization: Bearer rp_\0${id()}`], 400],
		["another scheme", () => [`authorization: Basic ${btoa(`x:${gateway.person().key}`)}`], 401],
		[
			"two places, both right",
			() => [`authorization: Bearer ${gateway.person().key}`, `x-api-key: ${gateway.person().key}`],
			401,
		],
		[
			"the same header twice",
			() => [
				`authorization: Bearer ${gateway.person().key}`,
				`authorization: Bearer ${gateway.person().key}`,
			],
			401,
		],
		["two in one header", () => [`x-api-key: ${gateway.person().key}, ${gateway.person().key}`], 401],
	])("%s", async (_, toLines, status) => {
		const asked = gateway.vendor("openai").requests.length;
		const answer = await ask(PATHS.openai, toLines());
		expect(answer.status).toBe(status);
		if (status === 401) expect(answer.text).toContain('"code":"AUTH_INVALID_CREDENTIALS"');
		expect(gateway.vendor("openai").requests).toHaveLength(asked);
	});

	test.each(["key", "api_key", "access_token", "x-api-key"])("in the query as %s", async (name) => {
		const answer = await ask(`${PATHS.openai}?${name}=${gateway.person().key}`, []);
		expect(answer.status).toBe(401);
		expect(answer.text).not.toContain(gateway.person().key);
	});

	test.each([
		["authorization: Bearer", "authorization: Bearer "],
		["x-api-key", "x-api-key: "],
	])("and one that is right, as %s, is let in", async (_, start) => {
		expect((await ask(PATHS.openai, [`${start}${gateway.person().key}`])).status).toBe(200);
	});

	test.each(SURFACES)("is told in the words of %s", async (surface) => {
		const { status, text, headers } = await post(gateway.origin(), PATHS[surface], {
			key: "rp_nobody",
			body: toBody(surface, model),
		});
		expect(status).toBe(401);
		expect(JSON.parse(text)).toMatchObject({ error: { type: "authentication_error" } });
		expect(headers.get("x-request-id")).toMatch(/^[\w-]{36}$/);
	});
});

describe("a key with bounds of its own", () => {
	const chat = async (key: string, more: object = {}, headers: Readonly<Record<string, string>> = {}) =>
		await post(gateway.origin(), PATHS.openai, { key, body: toBody("openai", model, more), headers });

	test("is refused from another network", async () => {
		const { db } = gateway.world();
		const { accountId } = await gateway.addPerson();
		const { key } = await issueKey(db, accountId, { networks: ["10.9.0.0/16"] });
		// What a caller says of himself is worth nothing.
		const { status, text } = await chat(key, {}, { "x-forwarded-for": "10.9.0.1" });
		expect(status).toBe(403);
		expect(text).toContain('"code":"FORBIDDEN"');
		const near = await issueKey(db, accountId, { networks: ["127.0.0.0/8"] });
		expect((await chat(near.key)).status).toBe(200);
	});

	test("may ask for its tiers only, and sees only them", async () => {
		const { accountId } = await gateway.addPerson();
		const { key } = await issueKey(gateway.world().db, accountId, { tiers: ["haiku"] });
		expect((await chat(key, { model: "opus" })).status).toBe(403);
		expect((await chat(key, { model: "claude-haiku-9" })).status).toBe(200);
		expect((await chat(key)).status).toBe(403);
		const { data } = await gateway.openai(key).models.list();
		expect(data.map(({ id: name }) => name)).toEqual(["haiku"]);
	});

	test("says what a call is for, where it may", async () => {
		const { db } = gateway.world();
		const { accountId, key: plain } = await gateway.addPerson();
		const { key } = await issueKey(db, accountId, { source: "chat", mayNameSource: true });
		expect((await chat(key)).status).toBe(200);
		expect((await chat(key, {}, { "x-rockpool-source": "sub-agent" })).status).toBe(200);
		expect((await chat(plain, {}, { "x-rockpool-source": "cron" })).status).toBe(200);
		expect((await chat(key, {}, { "x-rockpool-source": "lunch" })).status).toBe(400);
		const rows = await db("usage_log").where({ account_id: accountId }).orderBy("id").pluck("source");
		expect(rows).toEqual(["chat", "sub_agent", "api"]);
	});

	test("spends no more on calls nobody asked for than its own cap", async () => {
		const { accountId } = await gateway.addPerson();
		const options = { mayNameSource: true, idleCapMicro: 30 * MICRO };
		const { key } = await issueKey(gateway.world().db, accountId, options);
		const idle = await chat(key, { max_tokens: 100 }, { "x-rockpool-source": "heartbeat" });
		expect(idle.status).toBe(402);
		expect(idle.text).toContain('"code":"BILLING_QUOTA_EXCEEDED"');
		expect((await chat(key, { max_tokens: 100 })).status).toBe(200);
	});

	test("is told where its answer came from, and nothing of the vendor's", async () => {
		const { headers } = await chat(gateway.person().key);
		expect(Object.fromEntries(headers)).toMatchObject({
			"x-rockpool-provider": "vendor-openai",
			"x-rockpool-region": "us",
			"x-rockpool-attempts": "1",
		});
	});
});
