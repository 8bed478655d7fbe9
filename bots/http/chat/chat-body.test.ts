import { afterEach, describe, expect, test } from "@jest/globals";
import type { TestIngress } from "../testing/start-ingress.ts";
import { startTestIngress } from "../testing/start-ingress.ts";

let ingress: TestIngress | undefined;

afterEach(async () => {
	await ingress?.close();
	ingress = undefined;
});

async function start(options: Parameters<typeof startTestIngress>[0] = {}): Promise<TestIngress> {
	ingress = await startTestIngress(options);
	return ingress;
}

describe("a body", () => {
	test.each([
		["empty", "", "JSON"],
		["no JSON", "{message:1}", "JSON"],
		["cut off", '{"message":"hi', "JSON"],
		["an array", "[]", "JSON"],
		["null", "null", "JSON"],
		["a number beyond all", "1e309", "JSON"],
		["10,000 brackets deep", `{"message":${"[".repeat(10_000)}${"]".repeat(10_000)}}`, "JSON"],
		["no message", "{}", '"message"'],
		["a blank message", '{"message":" \\n "}', '"message"'],
		["a message of NULs", '{"message":"\\u0000"}', '"message"'],
		["a number as message", '{"message":1}', '"message"'],
		["a long message", JSON.stringify({ message: "x".repeat(16_001) }), '"message"'],
		["an unknown field", '{"message":"hi","model":"x"}', '"model"'],
		["a bad conversation", '{"message":"hi","conversation":"a#fast"}', '"conversation"'],
		["an empty conversation", '{"message":"hi","conversation":""}', '"conversation"'],
		["a bad policy", '{"message":"hi","policy":"FREE"}', '"policy"'],
		["a bad stream", '{"message":"hi","stream":"yes"}', '"stream"'],
	])("that is wrong (%s) is a 400 that says where", async (_, body, place) => {
		const it = await start();
		const answer = await it.post(body);
		expect(answer.status).toBe(400);
		expect(answer.json).toMatchObject({
			error: { code: "REQUEST_INVALID", message: expect.stringContaining(place) },
		});
		expect(it.core.events).toHaveLength(0);
	});

	test.each([
		["gzip", { "content-encoding": "gzip" }],
		["text", { "content-type": "text/plain" }],
		["a form", { "content-type": "application/x-www-form-urlencoded" }],
		["another charset", { "content-type": "application/json; charset=gb2312" }],
	])("declared as %s is a 415", async (_, headers) => {
		const it = await start();
		expect((await it.post({ message: "hi" }, headers)).status).toBe(415);
	});

	test("with a charset of UTF-8 in any spelling is fine", async () => {
		const it = await start();
		const headers = { "content-type": 'Application/JSON; Charset="utf-8"' };
		expect((await it.post({ message: "hi" }, headers)).status).toBe(200);
	});

	test("over the cap is a 413", async () => {
		const it = await start();
		const answer = await it.post({ message: "x".repeat(300_000) });
		expect(answer.status).toBe(413);
	});

	test("with invalid UTF-8, NUL and lone surrogates is stored as readable text", async () => {
		const it = await start();
		const bytes = Buffer.concat([
			Buffer.from('{"message":"a\\u0000b\\ud800c '),
			Buffer.from([0xff, 0xc0]),
			Buffer.from('"}'),
		]);
		expect((await it.post(bytes)).status).toBe(200);
		const stored = JSON.parse(it.core.events[0]?.bodyJson ?? "");
		expect(stored.message).toBe("ab\ufffdc \ufffd\ufffd");
	});

	test("with keys that mean something to JavaScript pollutes nothing", async () => {
		const it = await start();
		const answer = await it.post(
			'{"message":"hi","__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
		);
		expect(answer.status).toBe(200);
		expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
	});

	test("with a field twice counts the last and is logged without its words", async () => {
		const it = await start();
		const answer = await it.post('{"message":"first","message":"last"}');
		expect(answer.json).toMatchObject({ message: "echo last" });
		const warned = it.lines.filter((line) => line.level === "warn");
		expect(warned).toHaveLength(1);
		expect(JSON.stringify(warned)).not.toContain("first");
	});
});
