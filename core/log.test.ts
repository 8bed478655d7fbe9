import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { AppError } from "./errors.ts";
import { createScrubber } from "./log/scrubber.ts";
import type { Logger } from "./log.ts";
import { createLog } from "./log.ts";

/** Needs escaping in JSON, in URLs and in base64. */
const CANARY = 'canary/+"7f&k=ü\\end';

function openLog(secrets: readonly string[] = []): { log: Logger; lines: string[]; last(): string } {
	const lines: string[] = [];
	const destination = { write: (line: string) => lines.push(line) };
	const log = createLog({ level: "debug", scrubber: createScrubber(secrets), destination });
	return { log, lines, last: () => lines.at(-1) ?? "" };
}

describe("a registered value", () => {
	test.each([
		["as it is", CANARY],
		["in a sentence", `failed with ${CANARY} in it`],
		["as JSON", JSON.stringify({ body: CANARY })],
		["as JSON in JSON", JSON.stringify({ body: JSON.stringify({ deep: CANARY }) })],
		["percent-encoded", `https://host/?q=${encodeURIComponent(CANARY)}&x=1`],
		["in hex", Buffer.from(CANARY).toString("hex")],
		["in base64", Buffer.from(CANARY).toString("base64")],
		["in base64url", Buffer.from(CANARY).toString("base64url")],
		["in base64 after one character", Buffer.from(`u${CANARY}tail`).toString("base64")],
		["in base64 after two characters", Buffer.from(`us${CANARY}tail`).toString("base64")],
		["in base64 after three characters", Buffer.from(`use${CANARY}tail`).toString("base64")],
	])("does not get out %s", (_name, text) => {
		const { log, last } = openLog([CANARY]);
		log.info({ text, nested: { list: [text] } }, text);
		const line = last();
		expect(JSON.parse(line)).toMatchObject({ level: "info" });
		const forms = [CANARY, JSON.stringify(CANARY).slice(1, -1), encodeURIComponent(CANARY)];
		for (const form of forms) expect(line).not.toContain(form);
		for (const part of line.match(/[\w+/-]{12,}/g) ?? []) {
			expect(Buffer.from(part, "base64").toString()).not.toContain("canary/");
			expect(Buffer.from(part, "hex").toString()).not.toContain("canary/");
		}
	});

	test("does not get out as the message, stack, cause or part of an error", () => {
		const { log, last } = openLog([CANARY]);
		const inner = Object.assign(new Error(`inner ${CANARY}`), { request: { body: CANARY } });
		const several = new AggregateError([inner], CANARY, { cause: inner });
		log.error({ err: new AppError("INTERNAL", `outer ${CANARY}`, { cause: several }) }, "failed");
		expect(last()).not.toContain("canary");
		expect(JSON.parse(last())).toMatchObject({
			err: {
				type: "AppError",
				code: "INTERNAL",
				cause: { type: "AggregateError", errors: [{ message: "inner [redacted]" }] },
			},
		});
	});

	test("may be registered later, also thousands of them", () => {
		const lines: string[] = [];
		const scrubber = createScrubber();
		const log = createLog({ level: "info", scrubber, destination: { write: (line) => lines.push(line) } });
		for (let n = 0; n < 6_000; n += 1) scrubber.registerSecret(`generated-value-${n}-end`);
		log.info("holds generated-value-5999-end and generated-value-4000-end");
		expect(lines[0]).toContain("holds [redacted] and [redacted]");
	});

	test("too short to be a secret leaves the log readable", () => {
		const { log, last } = openLog(["a", "info", ""]);
		log.info("an info line");
		expect(JSON.parse(last()).msg).toBe("an info line");
	});
});

const KEY = "hJ2kL9mN4pQ7rS1tU6vW";

describe("what looks like a secret", () => {
	test.each([
		["a bot token", `123456789:${KEY}${KEY}`],
		["a Bot API URL", `https://api.telegram.org/bot123456789:${KEY}${KEY}/sendMessage`],
		["a provider key", `sk-proj-${KEY}`],
		["one of our keys", `rp_ab12cd34_${KEY}${KEY}`],
		["a bearer header", `Authorization: Bearer ${KEY}`],
		["a basic header", `authorization: Basic ${KEY}`],
		["a JSON Web Token", `eyJhbGciOi.${KEY}.${KEY}`],
		["a database password", `postgres://rockpool:${KEY}@db:5432/rockpool`],
		["a Redis password", `redis://:${KEY}@cache:6379`],
		["a query", `https://host/path?access_token=${KEY}&x=1`],
		["a private key", `-----BEGIN PRIVATE KEY-----\n${KEY}\n-----END PRIVATE KEY-----`],
	])("%s does not get out of a message", (_name, text) => {
		const { log, last } = openLog();
		log.warn(`before ${text} after`);
		expect(last()).not.toContain(KEY);
		expect(JSON.parse(last()).msg).toMatch(/^before .* after$/s);
	});

	test.each([
		"password",
		"apiKey",
		"api_key",
		"x-api-key",
		"Authorization",
		"clientSecret",
		"Set-Cookie",
		"botToken",
		"pepper",
	])("a value named %s does not get out, also inside a JSON text", (name) => {
		const { log, last } = openLog();
		log.info(
			{
				headers: { [name]: `v "1" ${KEY}` },
				list: { [name]: [`]${KEY}`, KEY] },
				body: JSON.stringify({ [name]: KEY }),
			},
			"call",
		);
		expect(last()).not.toContain(KEY);
		expect(JSON.parse(last())).toMatchObject({ headers: { [name]: "[redacted]" }, msg: "call" });
	});

	test("counts of tokens stay", () => {
		const { log, last } = openLog();
		log.info({ inputTokens: 12, tokensMax: 1024 }, "used 12 tokens: fine");
		expect(JSON.parse(last())).toMatchObject({
			inputTokens: 12,
			tokensMax: 1024,
			msg: "used 12 tokens: fine",
		});
	});
});

test("a line is one line, whatever is logged", () => {
	const { log, lines } = openLog();
	log.info({ name: 'x\r\n{"level":"fatal","msg":"forged"}' }, "a\nb\u2028c\u0000");
	expect(lines).toHaveLength(1);
	for (const character of ["\r", "\n", "\0"]) expect(lines[0]?.trimEnd()).not.toContain(character);
	expect(JSON.parse(lines[0] ?? "").msg).toBe("a\nb\u2028c\u0000");
});

test("things that are no errors, and errors that cause themselves, are told", () => {
	const { log, last } = openLog();
	log.error({ err: "text" }, "x");
	expect(JSON.parse(last()).err).toEqual({ type: "string", message: "text" });
	const loop = new Error("loop");
	loop.cause = loop;
	log.error({ err: loop }, "x");
	expect(JSON.parse(last()).err.cause.cause.message).toBe("loop");
});

test("properties of driver errors, which hold rows of users, are not told", () => {
	const { log, last } = openLog();
	log.error(
		{ err: Object.assign(new Error("duplicate key"), { code: "23505", detail: "Key (text)=(hello)" }) },
		"x",
	);
	expect(JSON.parse(last()).err).toMatchObject({ code: "23505", message: "duplicate key" });
	expect(last()).not.toContain("hello");
});

test("a huge line is cut in bounded time, and no half secret stays at its end", () => {
	const { log, last } = openLog([CANARY]);
	for (const unit of [
		"\\",
		'\\"token\\":\\"\\\\\\\\',
		"a-",
		'\\"token',
		"a.token",
		"eyJaaaaa",
		"x://",
		`${CANARY} `,
	]) {
		const startedAt = performance.now();
		log.info({ data: unit.repeat(2_000_000 / unit.length) }, "big");
		expect(performance.now() - startedAt).toBeLessThan(2_000);
		expect(last().length).toBeLessThan(40_000);
		expect(JSON.parse(last())).toMatchObject({ level: "info", msg: "a log line was too long" });
		expect(last()).not.toContain("canary/");
	}
});

test("a log file is made with its directory, for the owner alone", () => {
	const directory = mkdtempSync(join(tmpdir(), "rockpool-log-"));
	const file = join(directory, "deep", "rockpool.log");
	createLog({ level: "info", scrubber: createScrubber(), file }).info("written");
	expect(JSON.parse(readFileSync(file, "utf8")).msg).toBe("written");
	expect(statSync(file).mode & 0o777).toBe(0o600);
	rmSync(directory, { recursive: true });
});
