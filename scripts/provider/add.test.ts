import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { FakeAnswer } from "../../core/testing/fake-provider-server.ts";
import type { WizardWorld } from "./testing/wizard-world.ts";
import { createWizardWorld } from "./testing/wizard-world.ts";

const KEY = "canary-4f1c9b7e2a6d8053";

let world: WizardWorld;
beforeAll(async () => {
	world = await createWizardWorld();
});
afterAll(async () => await world.close());
beforeEach(async () => await world.reset());

function custom(...more: readonly string[]): readonly string[] {
	const url = world.server.baseUrl("openai");
	return ["add", "--base-url", url, "--models", "big,small", "--allow-private", ...more];
}

async function readRow(id: string): Promise<Record<string, unknown> | undefined> {
	return await world.db("providers").where({ id }).first();
}

describe("add", () => {
	test("tries each model with the key, stores both, and never shows the key", async () => {
		const asked = world.server.requests.length;
		const { code, out, err } = await world.run(custom("--key", KEY, "--region", "us"));
		expect({ code, err }).toEqual({ code: 0, err: "" });
		expect(out).toMatch(/big: works: \d+ ms\n {2}small: works/);
		expect(out).toContain("Added provider custom: on, region us, 2 model(s).");
		expect(out).not.toContain(KEY);
		const requests = world.server.requests.slice(asked);
		expect(requests.map(({ body }) => body["model"])).toEqual(["big", "small"]);
		expect(requests[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
		expect(await readRow("custom")).toMatchObject({
			enabled: true,
			managed_by: "admin",
			region: "us",
			version: 1,
		});
		expect(await world.readKey("custom")).toBe(KEY);
		const stored = JSON.stringify(await world.db("secrets").select());
		expect(stored).not.toContain(KEY);
	});

	test.each<[string, FakeAnswer | "away", string]>([
		[
			"key-refused",
			{ kind: "status", status: 401, body: `{"error":{"message":"bad key ${KEY}"}}` },
			"the key is refused (401)",
		],
		["forbidden", { kind: "status", status: 403, body: "region" }, "the key may not use big"],
		["no money (402)", { kind: "status", status: 402 }, "no money left (402)"],
		[
			"no money (429)",
			{ kind: "status", status: 429, body: `{"error":{"code":"insufficient_quota"}}` },
			"no money left (429)",
		],
		[
			"no money (400)",
			{ kind: "status", status: 400, body: "Your credit balance is too low" },
			"no money left (400)",
		],
		[
			"model unknown (404)",
			{ kind: "status", status: 404, body: "The model `big` does not exist" },
			"knows no model big (404)",
		],
		[
			"model unknown (400)",
			{ kind: "status", status: 400, body: "Model Not Exist" },
			"knows no model big (400)",
		],
		["wrong path", { kind: "status", status: 404, body: "<html>not found</html>" }, "is the base URL right?"],
		["busy", { kind: "status", status: 429 }, "asks to wait"],
		["refused question", { kind: "status", status: 422, body: "no" }, "refuses the test question (422): no"],
		["failing vendor", { kind: "status", status: 500 }, "the vendor itself fails (500)"],
		["hanging", { kind: "hang" }, "times out"],
		["dropping", { kind: "drop" }, "cannot be reached"],
		["no stream", { kind: "raw", write: (response) => void response.end("{}") }, "not as this dialect does"],
		["cut", { kind: "text", after: { pieces: 1, follow: "cut" } }, "cannot be reached"],
		["away", "away", "cannot be reached"],
	])("a vendor that is %s stores nothing and says so", async (_name, answer, words) => {
		if (answer !== "away") world.server.answerAlways(answer);
		const args = custom("--key", KEY, "--timeout", "0.5");
		const there = answer === "away" ? args.map((text) => text.replace(/:\d+\/v1$/, ":9/v1")) : args;
		const { code, out, err } = await world.run(there);
		expect(code).toBe(1);
		expect(out).toContain(words);
		expect(err).toBe(
			"Not done: the test call failed, so nothing was stored; --force stores it all the same.\n",
		);
		expect(out + err).not.toContain(KEY);
		expect(await world.db("providers").select()).toEqual([]);
		expect(await world.db("secrets").select()).toEqual([]);
	});

	test("an address in the own network is refused unless it is allowed, and the key is not sent", async () => {
		const args = custom("--key", KEY).filter((text) => text !== "--allow-private");
		const asked = world.server.connectionCount();
		const { code, out } = await world.run(args);
		expect(code).toBe(1);
		expect(out).toContain(
			"the address is refused: the provider's URL is refused: scheme; for a server in your own network",
		);
		expect(world.server.connectionCount()).toBe(asked);
	});

	test("--force stores what does not work", async () => {
		world.server.answerAlways({ kind: "status", status: 401 });
		expect((await world.run(custom("--key", KEY, "--force"))).code).toBe(0);
		expect(await world.readKey("custom")).toBe(KEY);
	});

	test("a model this key cannot use is left out", async () => {
		world.server.answerAlways(({ body }) =>
			body["model"] === "big" ? { kind: "status", status: 404, body: "no such model" } : { kind: "text" },
		);
		const { code, out } = await world.run(custom("--key", KEY));
		expect(code).toBe(0);
		expect(out).toContain("Left out, as this key cannot use them: big.");
		expect(await world.db("provider_models").pluck("model")).toEqual(["small"]);
	});

	test("speaks the Anthropic dialect, and takes a key from a file", async () => {
		const { writeFile } = await import("node:fs/promises");
		await writeFile(`${world.folder}/key`, `${KEY}\n`);
		const url = world.server.baseUrl("anthropic");
		const args = ["add", "--base-url", url, "--models", "m", "--dialect", "anthropic", "--allow-private"];
		expect(await world.run([...args, "--key-file", `${world.folder}/key`])).toMatchObject({ code: 0 });
		expect(world.server.requests.at(-1)?.headers["x-api-key"]).toBe(KEY);
	});

	test("how much a model takes and says can be told, and counts more than what was known", async () => {
		const figures = async () =>
			await world.db("provider_models").orderBy("model").select("context_tokens", "output_tokens_max");
		await world.run(custom("--key", KEY));
		expect(await figures()).toEqual(Array(2).fill({ context_tokens: 32_768, output_tokens_max: 4_096 }));
		const flags = ["--context-tokens", "200000", "--output-tokens", "16384"];
		expect(await world.run(custom("--key", KEY, ...flags))).toMatchObject({ code: 0, err: "" });
		expect(await figures()).toEqual(Array(2).fill({ context_tokens: 200_000, output_tokens_max: 16_384 }));
		expect((await world.run(custom("--key", KEY, "--env", ...flags))).err).toContain("--env");
		expect((await world.run(custom("--key", KEY, "--context-tokens", "many"))).err).toContain(
			"--context-tokens must be",
		);
	});

	test("figures tuned by hand and limits stay when a provider is added again", async () => {
		await world.run(custom("--key", KEY));
		await world.db.raw("update provider_models set quality = 7 where model = 'big'");
		await world.db.raw("update providers set concurrency = 3");
		expect(await world.run(custom("--key", "canary-other-1234567"))).toMatchObject({ code: 0 });
		expect(await world.readKey("custom")).toBe("canary-other-1234567");
		expect(await readRow("custom")).toMatchObject({ concurrency: 3, version: 2 });
		expect(await world.db("provider_models").where({ model: "big" }).first("quality")).toEqual({
			quality: 7,
		});
	});
});

describe("the key", () => {
	const env = { OPENAI_API_KEY: KEY };

	test("is taken from the environment for the vendor it is for, and for nobody else (S26)", async () => {
		const url = world.server.baseUrl("openai");
		const asked = world.server.requests.length;
		const args = ["add", "--preset", "openai", "--base-url", url, "--allow-private"];
		const { code, out, err } = await world.run(args, { env });
		expect(code).toBe(1);
		expect(out).toContain("OPENAI_API_KEY is not used here: it is for https://api.openai.com/v1");
		expect(err).toContain("--key-file FILE or OPENAI_API_KEY in the environment");
		expect(world.server.requests).toHaveLength(asked);
	});

	test("that is stored is used again for the same host, never for a new one (S26)", async () => {
		await world.run(custom("--key", KEY));
		expect(await world.run(custom())).toMatchObject({ code: 0 });
		expect(world.server.requests.at(-1)?.headers.authorization).toBe(`Bearer ${KEY}`);
		const elsewhere = custom().map((text) => text.replace("127.0.0.1", "127.0.0.2"));
		const refused = await world.run(elsewhere);
		expect(refused.code).toBe(1);
		expect(refused.out).toContain("The stored key of custom is for");
		const asked = world.server.requests.length;
		const moved = await world.run([...elsewhere, "--no-key", "--force", "--timeout", "0.5"]);
		expect(moved.code).toBe(0);
		expect(moved.out).toContain("It has no key. The key it had for");
		expect(world.server.requests.slice(asked).map(({ headers }) => headers.authorization)).not.toContain(
			`Bearer ${KEY}`,
		);
		expect(await world.readKey("custom")).toBeUndefined();
	});

	test.each([
		[
			"no terminal",
			custom,
			"this is no terminal, so it cannot be asked for; say it with --key-file FILE, --no-key",
		],
		["two ways", () => custom("--key", KEY, "--no-key"), "give one of --key, --key-file and --no-key"],
		["spaces", () => custom("--key", `${KEY} x`), "--key is no key"],
		[
			"a missing file",
			() => custom("--key-file", "/nowhere"),
			"--key-file cannot be read: /nowhere (ENOENT)",
		],
	])("with %s is refused in one line", async (_name, args, words) => {
		const { code, out, err } = await world.run(args());
		expect(code).toBe(1);
		expect(err).toContain(words);
		expect(err.trimEnd()).not.toContain("\n");
		expect(out + err).not.toContain(KEY);
	});

	test("is asked for at a terminal, with all the rest", async () => {
		const url = world.server.baseUrl("openai");
		const answers = ["custom", url, "", "m1, m2", "cn", "llm", "yes", KEY];
		const { code, out, err } = await world.run(["add"], { answers });
		expect({ code, err }).toEqual({ code: 0, err: "" });
		expect(out).not.toContain(KEY);
		expect(await readRow("llm")).toMatchObject({ base_url: url, region: "cn", allow_private_network: true });
		expect(await world.readKey("llm")).toBe(KEY);
		const kept = await world.run(custom("--id", "llm", "--dialect", "openai", "--region", "cn"), {
			answers: [""],
		});
		expect(kept).toMatchObject({ code: 0 });
		expect(await world.readKey("llm")).toBe(KEY);
	});
});

test.each([
	[["add", "--preset", "nobody"], "there is no preset nobody"],
	[["add", "--base-url", "https://u:p@example.com/v1", "--models", "m"], "--base-url must be an address"],
	[["add", "--base-url", "https://example.com/v1", "--models", " , "], "--models must be"],
	[["add", "--base-url", "https://example.com/v1", "--models", "m", "--id", "demo"], "--id must be"],
	[
		["add", "--preset", "cloudru", "--cloudru-preset", "gold"],
		"--cloudru-preset must be one of glm47, flash, qwen",
	],
	[["add"], "say it with --preset or --base-url"],
	[["add", KEY], "the command has an option without its value, or a word too many"],
	[["add", `--keys=${KEY}`], "the command has an option that there is not"],
	[["remove"], "remove needs the id"],
	[["fly"], "there is no command fly"],
	[["test", "--timeout", "never"], "--timeout must be"],
])("%j is refused in one line", async (args, words) => {
	const { code, err } = await world.run(args);
	expect(code).toBe(1);
	expect(err).toContain(words);
	expect(err).toMatch(/^Not done: [^\n]+\.\n$/);
	expect(err).not.toContain(KEY);
});

test("a database that is away is one line without its password", async () => {
	const { code, err } = await world.run(["list"], {
		env: { DATABASE_URL: `postgres://u:${KEY}@127.0.0.1:9/x` },
	});
	expect(code).toBe(1);
	expect(err).toContain("Not done: the database DATABASE_URL names cannot be used");
	expect(err).not.toContain(KEY);
});
