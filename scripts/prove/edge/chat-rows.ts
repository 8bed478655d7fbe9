import assert from "node:assert/strict";
import { openRawSocket } from "../../../bots/http/testing/raw-socket.ts";
import { pollUntil } from "../../../core/testing/poll-until.ts";
import { toPerson } from "../../end-to-end/person.ts";
import { echo } from "./edge-world.ts";
import type { InputRow } from "./input-row.ts";
import { exchangeRaw } from "./raw-exchange.ts";

const IMAGE_BYTES = 5 * 1024 * 1024;
/** What a question of a few words holds back at least: one that gets less is refused. */
const LAST_TOKENS = 600;

/** Rows 40 to 49 and 53: programs at /v1/chat, and the listener itself. */
export const CHAT_ROWS: readonly InputRow[] = [
	{
		row: 40,
		name: "keys that are none: 401, all by one path",
		async check(desk) {
			const { key } = await desk.program();
			const wrong = [
				key.slice(0, 11),
				`${key}x`,
				`${key}'--`,
				key.toUpperCase(),
				"x".repeat(10_240),
				"'--",
				"%00",
			];

			for (const given of wrong) {
				const { status, text } = await desk.chat(given, { message: "hi" });

				assert.deepEqual([status, JSON.parse(text).error.code], [401, "AUTH_INVALID_CREDENTIALS"]);
				assert.ok(!text.includes(given.slice(0, 100)), "the key is repeated");
			}
			const inQuery = await desk.get(`/v1/chat?key=${key}&authorization=Bearer%20${key}`);
			assert.equal(inQuery.status, 405);
			const headers = { authorization: [`Bearer ${key}`, `Bearer ${key}`] };
			assert.equal((await desk.chat(key, { message: "hi" }, headers)).status, 401);
			const nul = `POST /v1/chat HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\0\r\n\r\n`;
			assert.equal((await exchangeRaw(desk, [nul])).status, 400);
		},
	},
	{
		row: 41,
		name: "a key revoked while its stream is open: cut within 30 s",
		isSlow: true,
		async check(desk) {
			const { key, userId } = await desk.program();
			desk.world.vendor.answerNext({
				kind: "text",
				pieces: Array.from({ length: 600 }, () => "x "),
				gapMs: 100,
			});
			const raw = await openRawSocket(desk.world.port());
			raw.write(toChatRequest(key, { message: "slowly", stream: true }));
			await raw.until("event: delta", 20_000);
			const person = toPerson(desk.world, desk.world.bot.privateChat({ id: Number(userId) }));
			await person.ask(`/key revoke ${key.split("_")[1]}`);
			const revokedAt = performance.now();
			const text = await raw.until("event: error", 31_000).finally(() => raw.destroy());
			assert.ok(performance.now() - revokedAt < 30_000, "later than 30 s");
			assert.match(text, /AUTH_INVALID_CREDENTIALS/);
		},
	},
	{
		row: 42,
		name: "max_tokens of any kind: 400, it is no field of ours",
		async check(desk) {
			const { key } = await desk.program();
			for (const value of ["0", "-1", "1e12", '"100"', "null", "true"]) {
				const { status, text } = await desk.chat(key, `{"message":"hi","max_tokens":${value}}`);
				assert.deepEqual([status, JSON.parse(text).error.code], [400, "REQUEST_INVALID"]);
			}
			assert.equal((await desk.chat(key, '{"message":"hi","max_tokens":NaN}')).status, 400);
		},
	},
	{
		row: 43,
		name: "too many, too much: 400 or 413",
		async check(desk) {
			const { key } = await desk.program();
			const many = Array.from({ length: 10_000 }, () => ({ role: "user", content: "x" }));
			const bodies: readonly (readonly [number, object])[] = [
				[400, { message: "hi", n: 1_000 }],
				[400, { message: "hi", best_of: 1_000 }],
				[413, { message: "hi", messages: many }],
				[400, { message: "hi", tools: Array.from({ length: 1_000 }, () => ({})) }],
				[400, { message: "x".repeat(16_001) }],
			];
			for (const [expected, body] of bodies) assert.equal((await desk.chat(key, body)).status, expected);
			// 50 images of 5 MB, of which only the announcement is ever read.
			const head = toChatHead(key, 50 * IMAGE_BYTES);
			const answer = await exchangeRaw(desk, [head, '{"message":"hi","images":["']);
			assert.deepEqual([answer.status, answer.isClosed], [413, true]);
		},
	},
	{
		row: 44,
		name: "a stream that is left at its first byte: settled, upstream cancelled",
		async check(desk) {
			const { vendor, db } = desk.world;
			const { key, accountId } = await desk.program();
			vendor.answerNext({ kind: "text", pieces: Array.from({ length: 600 }, () => "x "), gapMs: 50 });
			const raw = await openRawSocket(desk.world.port());
			raw.write(toChatRequest(key, { message: "and gone", stream: true }));
			await raw.until("event: delta", 20_000);
			const asked = vendor.requests.length;
			raw.destroy();
			await desk.world.settle();
			const [row] = await db("usage_log").where({ account_id: accountId });
			assert.deepEqual([row?.outcome, vendor.requests.length], ["stopped", asked]);
			await pollUntil(async () => {
				const held = await db("ledger_buckets")
					.where({ account_id: accountId })
					.where("pending_micro", ">", 0);
				return held.length === 0;
			});
		},
	},
	{
		row: 45,
		name: "where to go and as whom: 400, our own business",
		async check(desk) {
			const { key } = await desk.program();
			const before = desk.world.vendor.requests.length;
			for (const fields of [
				{ api_base: "http://169.254.169.254" },
				{ base_url: "http://127.0.0.1:2375" },
				{ api_key: "sk-x" },
				{ extra_headers: { authorization: "x" } },
				{ model: "../../x" },
				{ model: "*" },
				{ user: "somebody else" },
				{ metadata: { route: "x" } },
			]) {
				assert.equal((await desk.chat(key, { message: "hi", ...fields })).status, 400);
			}
			assert.equal(desk.world.vendor.requests.length, before);
		},
	},
	{
		row: 47,
		name: "two dialects in one body: 400",
		async check(desk) {
			const { key } = await desk.program();
			const messages = [{ role: "user", content: "hi" }];
			for (const body of [
				{ messages, system: "x", max_tokens: 5, prompt: "y" },
				{ message: "hi", messages, anthropic_version: "2023-06-01" },
			]) {
				assert.equal((await desk.chat(key, body)).status, 400);
			}
		},
	},
	{
		row: 48,
		name: "50 calls at once on the last tokens: no more winners than tokens",
		async check(desk) {
			const { db } = desk.world;
			const { key, accountId } = await desk.program({ planId: "max_200", dailyTokens: LAST_TOKENS });
			desk.world.vendor.answerAlways((request) => ({ ...echo(request), usage: { input: 250, output: 250 } }));
			const answers = await Promise.all(
				Array.from(
					{ length: 50 },
					async (_, at) => await desk.chat(key, { message: "the last one", conversation: `c${at}` }),
				),
			).finally(() => desk.world.vendor.answerAlways(echo));
			const winners = answers.filter(({ status }) => status === 200).length;
			assert.ok(winners <= 1, `${winners} were answered`);
			assert.ok(answers.every(({ status }) => [200, 402, 429].includes(status)));
			const [bucket] = await db("ledger_buckets").where({ account_id: accountId, kind: "daily" });
			assert.ok(Number(bucket?.posted_micro) <= Number(bucket?.granted_micro), "overspent");
		},
	},
	{
		row: 49,
		name: "an Idempotency-Key with another body: 409; with odd characters: 400",
		async check(desk) {
			const { key } = await desk.program();
			const headers = { "idempotency-key": "order-17" };
			const first = await desk.chat(key, { message: "once" }, headers);
			const again = await desk.chat(key, { message: "once" }, headers);
			assert.deepEqual([first.status, again.status, again.text], [200, 200, first.text]);
			assert.equal((await desk.chat(key, { message: "twice" }, headers)).status, 409);
			for (const odd of ["", "a b", "x".repeat(256), "ключ", ["a", "b"]]) {
				const latin = typeof odd === "string" ? Buffer.from(odd).toString("latin1") : odd;
				assert.equal((await desk.chat(key, { message: "hi" }, { "idempotency-key": latin })).status, 400);
			}
		},
	},
	{
		row: 53,
		name: "forwarded headers, hosts and targets of a liar: ignored or refused",
		async check(desk) {
			const chain = Array.from({ length: 50 }, (_, at) => `10.0.0.${at}`).join(", ");
			const headers = { "x-forwarded-for": chain, "x-forwarded-host": "evil.example", forwarded: "for=evil" };
			const health = await desk.get("/healthz", { ...headers, "x-request-id": "\u00ffevil" });
			assert.equal(health.status, 200);
			assert.ok(!JSON.stringify(health.headers).includes("evil"));
			assert.equal((await desk.get("//evil.example/healthz")).status, 404);
			assert.equal((await desk.get("/healthz/../v1/chat")).status, 404);
			assert.equal((await desk.get("/%2e%2e/%00")).status, 404);
			assert.equal((await desk.get("/%ff%zz")).status, 404);
			for (const target of ["http://evil.example/healthz", "*", "evil.example:443", "healthz"]) {
				const { status } = await exchangeRaw(desk, [`GET ${target} HTTP/1.1\r\nhost: evil.example\r\n\r\n`]);
				assert.equal(status, 400, target);
			}
		},
	},
];

function toChatRequest(key: string, body: object): string {
	const text = JSON.stringify(body);
	return `${toChatHead(key, Buffer.byteLength(text))}${text}`;
}

function toChatHead(key: string, bytes: number): string {
	const lines = [
		"POST /v1/chat HTTP/1.1",
		"host: x",
		"content-type: application/json",
		`authorization: Bearer ${key}`,
		`content-length: ${bytes}`,
	];
	return `${lines.join("\r\n")}\r\n\r\n`;
}
