import assert from "node:assert/strict";
import { pollUntil } from "../../../core/testing/poll-until.ts";
import type { Desk } from "./desk.ts";
import type { InputRow } from "./input-row.ts";
import { exchangeRaw } from "./raw-exchange.ts";
import { countRows, findEvents, toMessage, toUpdate } from "./samples.ts";

const SECRET_HEADER = "x-telegram-bot-api-secret-token";
const MIB = 1024 * 1024;

/** Rows 1 to 16: what arrives at the webhook before anybody knows whose it is. */
export const WEBHOOK_ROWS: readonly InputRow[] = [
	{
		row: 1,
		name: "no secret: 401 before the body",
		async check(desk) {
			const { path } = desk.world.hookOf(desk.world.bot);
			const head = `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n`;
			const answer = await exchangeRaw(desk, [head]);
			assert.deepEqual([answer.status, answer.isClosed], [401, true]);
		},
	},
	{
		row: 2,
		name: "a wrong secret of equal length, and every near miss: 401",
		async check(desk) {
			const { secret } = desk.world.hookOf(desk.world.bot);
			const last = secret.at(-1) === "A" ? "B" : "A";
			const wrong = [
				secret.slice(0, -1) + last,
				secret.slice(0, -1),
				`${secret}A`,
				secret.toLowerCase(),
				desk.world.env["TELEGRAM_WEBHOOK_SECRET"] ?? "",
				"A".repeat(secret.length),
				"",
			];
			for (const given of wrong) {
				const { status } = await desk.hook(toUpdate(desk, {}), { [SECRET_HEADER]: given });
				assert.equal(status, 401, given);
			}
		},
	},
	{
		row: 3,
		name: "the secret twice, or joined by a comma: 401",
		async check(desk) {
			const { secret } = desk.world.hookOf(desk.world.bot);
			for (const given of [[secret, secret], ["x", secret], `${secret},${secret}`, `${secret}, ${secret}`]) {
				const { status } = await desk.hook(toUpdate(desk, {}), { [SECRET_HEADER]: given });
				assert.equal(status, 401);
			}
		},
	},
	{
		row: 5,
		name: "nothing at all: 400",
		check: async (desk) => assert.equal((await desk.hook("")).status, 400),
	},
	{
		row: 6,
		name: "1 MiB and one byte, announced or in chunks: 413 and closed",
		async check(desk) {
			const announced = await exchangeRaw(desk, [toHookHead(desk, `content-length: ${MIB + 1}`), "{"]);
			assert.deepEqual([announced.status, announced.isClosed], [413, true]);
			const chunk = `10000\r\n${" ".repeat(65_536)}\r\n`;
			const chunks = Array.from({ length: 17 }, () => chunk);
			const answer = await exchangeRaw(desk, [toHookHead(desk, "transfer-encoding: chunked"), ...chunks]);
			assert.deepEqual([answer.status, answer.isClosed], [413, true]);
		},
	},
	{
		row: 7,
		name: "a head and a body at one byte a second: 408 within 10 s",
		isSlow: true,
		async check(desk) {
			const drip = async (head: string) => await exchangeRaw(desk, [head], { drip: "a", everyMs: 1_000 });
			const chatHead =
				"POST /v1/chat HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 999\r\n";
			const { key } = await desk.program();
			const answers = await Promise.all([
				drip("GET /healthz HTTP/1.1\r\nhost: x\r\nx-slow: "),
				drip(toHookHead(desk, "content-length: 999")),
				drip(`${chatHead}authorization: Bearer ${key}\r\n\r\n`),
			]);
			assert.deepEqual(
				answers.map(({ status, isClosed }) => [status, isClosed]),
				[
					[408, true],
					[408, true],
					[408, true],
				],
			);
			for (const { answeredMs } of answers) assert.ok(answeredMs < 10_000, `answered after ${answeredMs} ms`);
		},
	},
	{
		row: 8,
		name: "compressed: 415",
		async check(desk) {
			for (const encoding of ["gzip", "deflate", "br", "zstd", "identity, gzip"]) {
				const { status } = await desk.hook(Buffer.alloc(1_000), { "content-encoding": encoding });
				assert.equal(status, 415, encoding);
			}
		},
	},
	{
		row: 9,
		name: "broken UTF-8, lone surrogates, NUL: stored as readable text",
		async check(desk) {
			const update = toUpdate(desk, {});
			const body = Buffer.concat([
				Buffer.from(
					`{"update_id":${update.update_id},"message":{"chat":{"id":1,"type":"private"},"text":"x\\u0000y\\ud800 \\udc00`,
				),
				Buffer.from([0xff, 0xc0, 0xed, 0xa0, 0x80]),
				Buffer.from('"}}'),
			]);
			assert.equal((await desk.hook(body)).status, 200);
			const [stored] = await findEvents(desk, update.update_id);
			assert.match(JSON.stringify(stored?.body["message"]), /"x\ufffdy\ufffd \ufffd\ufffd+"/);
		},
	},
	{
		row: 10,
		name: "10,000 brackets deep: 400",
		async check(desk) {
			const tower = `{"update_id":1,"a":${"[".repeat(10_000)}${"]".repeat(10_000)}}`;
			const objects = `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`;
			for (const body of [tower, objects, "[".repeat(500_000)])
				assert.equal((await desk.hook(body)).status, 400);
		},
	},
	{
		row: 11,
		name: "keys of the prototype carry no message in",
		async check(desk) {
			const { chat } = await desk.person();
			const before = chat.messages().length;
			const update = toUpdate(desk, {});
			const hidden = JSON.stringify({ message: toMessage(chat.id) });
			const body = `{"update_id":${update.update_id},"__proto__":${hidden},"constructor":{"prototype":${hidden}}}`;
			assert.equal((await desk.hook(body)).status, 200);
			await desk.world.settle();
			const [stored] = await findEvents(desk, update.update_id);
			assert.deepEqual([stored?.status, chat.messages().length], ["done", before]);
		},
	},
	{
		row: 12,
		name: "a key twice: the last one counts, and it is logged",
		async check(desk) {
			const [first, last] = [desk.nextId(), desk.nextId()];
			assert.equal((await desk.hook(`{"update_id":${first},"update_id":${last}}`)).status, 200);
			const found = [await findEvents(desk, first), await findEvents(desk, last)];
			assert.deepEqual(
				found.map((events) => events.length),
				[0, 1],
			);
			assert.match(await desk.world.readLog(), /an update has a key twice/);
		},
	},
	{
		row: 13,
		name: "no usable update_id: quarantined once, acknowledged",
		async check(desk) {
			const salt = desk.nextId();
			const ids = ['"7"', "-1", "9007199254740993", "1e309", "1.5", "[]", "{}"];
			const bodies = [...ids.map((id) => `{"update_id":${id},"salt":${salt}}`), `{"salt":${salt}}`];
			for (const body of [...bodies, ...bodies, "[]", "null", '"text"', "7"]) {
				assert.equal((await desk.hook(body)).status, 200, body);
			}
			const stored = await desk.world
				.db("inbox")
				.whereLike("event_id", "bad:%")
				.whereRaw("body ->> 'salt' = ?", [String(salt)]);
			assert.equal(stored.length, bodies.length);
		},
	},
	{
		row: 14,
		name: "an id with another body: kept apart, alerted, never run",
		async check(desk) {
			const { chat } = await desk.person();
			const update = toUpdate(desk, { message: toMessage(chat.id, { text: "first" }) });
			assert.equal((await desk.hook(update)).status, 200);
			const forged = { ...update, message: toMessage(chat.id, { text: "second" }) };
			for (let time = 0; time < 2; time += 1) assert.equal((await desk.hook(forged)).status, 200);
			await desk.world.settle();
			const stored = await findEvents(desk, update.update_id);
			assert.deepEqual(
				stored.map(({ status }) => status),
				["done", "conflict"],
			);
			assert.equal(chat.visibleTexts().filter((text) => text === "re: first").length, 1);
			assert.ok(!chat.visibleTexts().includes("re: second"));
			assert.match(await desk.world.readLog(), /event_id_conflict/);
		},
	},
	{
		row: 15,
		name: "the same update 100 times at once: one row, one answer",
		async check(desk) {
			const { chat } = await desk.person();
			const update = toUpdate(desk, { message: toMessage(chat.id, { text: "a hundred times" }) });
			const answers = await Promise.all(Array.from({ length: 100 }, async () => await desk.hook(update)));
			assert.ok(answers.every(({ status }) => status === 200));
			await desk.world.settle();
			assert.equal((await findEvents(desk, update.update_id)).length, 1);
			assert.equal(chat.visibleTexts().filter((text) => text === "re: a hundred times").length, 1);
		},
	},
	{
		row: 16,
		name: "ids that go backwards: taken",
		async check(desk) {
			const { chat } = await desk.person();
			const low = { update_id: desk.nextId() % 100_000, message: toMessage(chat.id, { text: "backwards" }) };
			assert.equal((await desk.hook(low)).status, 200);
			await pollUntil(() => chat.visibleTexts().includes("re: backwards"));
		},
	},
	{
		row: 24,
		name: "a checkout although nothing is for sale: stored, nothing promised, nothing given",
		async check(desk) {
			const { chat } = await desk.person();
			const before = await countRows(desk, "subscriptions");
			const from = { id: chat.id, is_bot: false, first_name: "Ann" };
			const query = { id: "1", from, currency: "XTR", total_amount: 1, invoice_payload: "pro_40" };
			const paid = { currency: "XTR", total_amount: 1, invoice_payload: "max_200" };
			for (const fields of [
				{ pre_checkout_query: query },
				{ message: toMessage(chat.id, { text: undefined, successful_payment: paid }) },
			]) {
				const update = toUpdate(desk, fields);
				for (let time = 0; time < 2; time += 1) assert.equal((await desk.hook(update)).status, 200);
			}
			await desk.world.settle();
			assert.equal(await countRows(desk, "subscriptions"), before);
		},
	},
];

/** Request line and headers of an update that is let in. */
export function toHookHead({ world }: Pick<Desk, "world">, ...headers: readonly string[]): string {
	const { path, secret } = world.hookOf(world.bot);
	const lines = [`POST ${path} HTTP/1.1`, "host: x", `${SECRET_HEADER}: ${secret}`];
	return `${[...lines, "content-type: application/json", ...headers].join("\r\n")}\r\n\r\n`;
}
