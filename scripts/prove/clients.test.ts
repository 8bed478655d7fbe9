import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { toClaudeEnvironment } from "./clients/claude-code.ts";
import { findInFiles } from "./clients/find-in-files.ts";
import { installPackage } from "./clients/install-package.ts";
import { readWords, toOpenClawConfig } from "./clients/openclaw.ts";
import { startChild } from "./clients/run-child.ts";
import { createScriptedModel, HELLO, READ_FILE } from "./clients/scripted-model.ts";
import { findFault } from "./clients/turns.ts";

// The clients themselves come from the package registry: `npm run prove -- clients`, not a test.
let directory = "";
beforeAll(async () => {
	directory = await mkdtemp(join(tmpdir(), "rockpool-clients-test-"));
});
afterAll(async () => await rm(directory, { recursive: true, force: true }));

describe("a package", () => {
	test("whose registry is away is a verdict of its own, within its bound", async () => {
		const what = { name: "no-such-package-of-ours", version: "1.0.0" };
		const options = { directory: join(directory, "away"), boundMs: 2_000, registry: "http://127.0.0.1:9/" };
		expect(await installPackage(what, options)).toMatchObject({ kind: "unreachable" });
	}, 20_000);
});

describe("a child", () => {
	const options = { cwd: tmpdir(), boundMs: 10_000 };
	const run = async (code: string, env: Readonly<Record<string, string>>, boundMs = options.boundMs) =>
		await startChild(process.execPath, ["-e", code], { ...options, env, boundMs }).result;

	test("gets nothing of our environment", async () => {
		const { ended, stdout } = await run("console.log(Object.keys(process.env).join())", { ONLY: "this" });
		expect({ ended, stdout: stdout.trim() }).toEqual({ ended: 0, stdout: "ONLY" });
	});

	test("that takes too long is ended, with what it started", async () => {
		const code =
			"require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 9)'], { stdio: 'inherit' })";
		expect(await run(`${code}; setInterval(() => {}, 9)`, {}, 500)).toMatchObject({ ended: "late" });
	});

	test("that cannot be started has ended", async () => {
		const child = startChild("/no/such/program", [], { ...options, env: {} });
		expect((await child.result).ended).toMatch(/ENOENT/);
	});
});

describe("the scripted model", () => {
	const ask = (model: ReturnType<typeof createScriptedModel>, body: Record<string, unknown>) =>
		model.answer({ path: "/v1/messages", headers: {}, body });
	const question = { role: "user", content: `${READ_FILE} /tmp/a-b/note.txt` };

	test("says hello, and counts every call otherwise", () => {
		const model = createScriptedModel();
		const body = { messages: [{ role: "user", content: "hi" }] };
		expect([ask(model, body), ask(model, body)]).toMatchObject([{ text: HELLO }, { text: HELLO }]);
		expect(new Set(model.counted.map(({ input }) => input)).size).toBe(2);
		expect(model.promptBytes).toEqual([JSON.stringify(body).length, JSON.stringify(body).length]);
	});

	test.each([
		[
			"Claude Code",
			[{ name: "Bash" }, { name: "Read" }],
			{ name: "Read", arguments: { file_path: "/tmp/a-b/note.txt" } },
		],
		[
			"OpenClaw",
			[{ type: "function", function: { name: "read" } }],
			{ name: "read", arguments: { path: "/tmp/a-b/note.txt" } },
		],
	])("reads a file by the tool of %s", (_, tools, call) => {
		expect(ask(createScriptedModel(), { tools, messages: [question] })).toMatchObject({ tools: [call] });
	});

	test("says what the tool found, in either dialect", () => {
		const tools = [{ name: "Read" }];
		const results = [
			{ role: "tool", tool_call_id: "1", content: "pebble" },
			{
				role: "user",
				content: [{ type: "tool_result", tool_use_id: "1", content: [{ type: "text", text: "pebble" }] }],
			},
		];
		for (const result of results) {
			const answer = ask(createScriptedModel(), { tools, messages: [question, result] });
			expect(answer).toMatchObject({ text: expect.stringContaining("pebble") });
			expect(answer).not.toHaveProperty("tools");
		}
	});
});

test("only the model's words, or the tool's, are right", () => {
	expect(findFault(`${HELLO}\n`, undefined)).toBeUndefined();
	expect(findFault("API Error: 503", undefined)).toMatch(/503/);
	expect(findFault(HELLO, "pebble")).toBeDefined();
	expect(findFault("The tool said: 1\tpebble", "pebble")).toBeUndefined();
});

test("the words of a whole answer and of a stream", () => {
	const whole = JSON.stringify({ choices: [{ message: { content: "one two" } }] });
	const chunk = (content: string) => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`;
	expect(readWords(whole, false)).toBe("one two");
	expect(readWords(`${chunk("one ")}${chunk("two")}data: [DONE]\n\n`, true)).toBe("one two");
});

test("a word is found in the files below a folder", async () => {
	await writeFile(join(directory, "a.txt"), "nothing");
	await writeFile(join(directory, "b.txt"), "the secret word");
	expect(await findInFiles(directory, "secret")).toEqual([join(directory, "b.txt")]);
});

describe("what docs/gateway.md tells people is what is shown", () => {
	const origin = "http://127.0.0.1:8080";

	test("of Claude Code", async () => {
		const docs = await readFile("docs/gateway.md", "utf8");
		const env = toClaudeEnvironment({ origin, key: "rp_…", home: "/x" });
		for (const name of ["ANTHROPIC_BASE_URL", "ANTHROPIC_AUTH_TOKEN"]) {
			expect(docs).toContain(`export ${name}=${env[name]}`);
		}
		expect(env).not.toHaveProperty("ANTHROPIC_API_KEY");
	});

	test("of OpenClaw", async () => {
		const docs = await readFile("docs/gateway.md", "utf8");
		const config = toOpenClawConfig({ origin, port: 1, token: "t", workspace: "/w" }) as {
			models: { providers: Record<string, { baseUrl: string; apiKey: string; api: string }> };
		};
		for (const { baseUrl, apiKey, api } of Object.values(config.models.providers)) {
			expect(docs).toContain(`baseUrl: "${baseUrl}"`);
			expect(docs).toContain(`apiKey: "${apiKey}"`);
			expect(docs).toContain(`api: "${api}"`);
		}
	});
});
