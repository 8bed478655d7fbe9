import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";
import { cleanEnvironment } from "./clean-environment.ts";
import { SECRET_NAMES } from "./env-schema.ts";

/** As the contract lists them. */
const CONTRACT = [
	"ANTHROPIC_API_KEY",
	"ANTHROPIC_API_KEY_OLD",
	"OPENAI_API_KEY",
	"GOOGLE_API_KEY",
	"GEMINI_API_KEY",
	"AWS_SECRET_ACCESS_KEY",
	"AZURE_OPENAI_API_KEY",
	"CLOUDRU_API_KEY",
];
const OWN = SECRET_NAMES.filter((name) => name.endsWith("_API_KEY"));

test("a child process sees none of the vendors' keys, and all the rest", async () => {
	const secrets = [...new Set([...CONTRACT, ...OWN])].flatMap((name) => [name, `${name}_FILE`]);
	const env = { ...Object.fromEntries(secrets.map((name) => [name, `canary-${name}`])), KEPT: "yes" };
	const program = "console.log(JSON.stringify(process.env))";
	const { stdout } = await promisify(execFile)(process.execPath, ["-e", program], {
		env: cleanEnvironment(env),
	});
	const seen = JSON.parse(stdout) as Record<string, string>;
	expect(stdout).not.toContain("canary-");
	expect(seen["KEPT"]).toBe("yes");
	for (const name of secrets) expect(Object.keys(seen)).not.toContain(name);
});

test("names are told without case, and more can be left out", () => {
	const env = {
		openai_api_key: "a",
		Database_Url: "b",
		DATABASE_URL_FILE: "c",
		PATH: "/bin",
		GONE: undefined,
	};
	expect(cleanEnvironment(env, ["DATABASE_URL"])).toEqual({ PATH: "/bin" });
	expect(env.openai_api_key).toBe("a");
});

test.each([
	"core/db/embedded/place.ts",
	"scripts/bench/gateway/peers.ts",
	"scripts/bench/gateway/start-upstream.ts",
	"scripts/bench/pipeline/child.ts",
])("%s starts programs, and none with all we were given", async (path) => {
	const source = await readFile(path, "utf8");
	const starts = source.match(/(?:await run|= spawn)\(/g) ?? [];
	const given = /\benv: (?:PATH_ONLY|(?:\{ \.\.\.)?cleanEnvironment)|const env = cleanEnvironment/g;
	expect(starts.length).toBeGreaterThan(0);
	expect(source.match(given)).toHaveLength(starts.length);
	expect(source).not.toContain("...process.env");
});
