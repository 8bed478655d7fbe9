import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { envSchema, SECRET_NAMES } from "./config/env-schema.ts";
import { ConfigError, parseConfig } from "./config.ts";

const directory = mkdtempSync(join(tmpdir(), "rockpool-config-"));
afterAll(() => rmSync(directory, { recursive: true }));

const TOKEN = `123456789:${"AbC-_9xyz0".repeat(3)}12345`;
const SECRET = "q7Zr1xT9_kV3mB8-nW5cY2pL6dF4hJ0sGaEuIoXtRbQ";

function readProblems(env: Record<string, string>): readonly string[] {
	try {
		parseConfig(env);
	} catch (error) {
		if (error instanceof ConfigError) return error.problems;
		throw error;
	}
	return [];
}

function writeSecret(text: string): string {
	const path = join(directory, String(Math.random()));
	writeFileSync(path, text);
	return path;
}

test("nothing at all is a working configuration", () => {
	const config = parseConfig({});
	expect(config).toMatchObject({
		databaseUrl: undefined,
		host: "127.0.0.1",
		port: 8080,
		languageDefault: "en",
		zoneDefault: "UTC",
		joinMode: "auto",
		staff: [],
		telegram: { tokens: [], mode: "polling", webhookSecrets: [], apiRoot: "https://api.telegram.org" },
		providers: {
			keys: {},
			timeouts: { connectMs: 5000, firstByteMs: 30000, idleMs: 60000, totalMs: 600000 },
		},
		turnConcurrency: 200,
		secrets: [],
	});
	expect(config.kekPath.endsWith("/.data/keys")).toBe(true);
});

test("an empty variable is an absent one", () => {
	expect(parseConfig({ OPENAI_API_KEY: "", PORT: " ", TELEGRAM_BOT_TOKENS: "" })).toEqual(parseConfig({}));
});

test("all that is wrong is told at once, without a value", () => {
	const problems = readProblems({
		PORT: "80a",
		DATABASE_URL: "mysql://u:canary-1@h/d",
		ZONE_DEFAULT: "Mars/canary-2",
		JOIN_MODE: "canary-3",
		STAFF: "canary-4",
		TELEGRAM_BOT_TOKENS: "canary-5",
		OPENAI_API_KEY: "canary 6",
		CUSTOM_PROVIDER_API_KEY: "canary-7",
		LEASE_TTL_MS: "1",
	});
	const names = [
		"PORT",
		"DATABASE_URL",
		"ZONE_DEFAULT",
		"JOIN_MODE",
		"STAFF",
		"TELEGRAM_BOT_TOKENS",
		"OPENAI_API_KEY",
		"LEASE_TTL_MS",
	];
	for (const name of names) expect(problems.filter((problem) => problem.startsWith(name))).toHaveLength(1);
	expect(problems.join("\n")).not.toContain("canary");
});

test.each(SECRET_NAMES)("%s may come from a file", (name) => {
	const values: Record<string, string> = {
		DATABASE_URL: "postgres://u:p-from-file@h/d",
		REDIS_URL: "redis://:p-from-file@h",
		TELEGRAM_BOT_TOKENS: TOKEN,
		TELEGRAM_BOT_TOKEN: TOKEN,
		TELEGRAM_WEBHOOK_SECRET: SECRET,
		BIND_PEPPER: SECRET,
	};
	const value = values[name] ?? "key-from-file";
	const extra: Record<string, string> =
		name === "CUSTOM_PROVIDER_API_KEY"
			? { CUSTOM_PROVIDER_BASE_URL: "https://h", CUSTOM_PROVIDER_MODELS: "m" }
			: {};
	const byFile = parseConfig({ ...extra, [`${name}_FILE`]: writeSecret(`${value}\n`) });
	expect(byFile).toEqual(parseConfig({ ...extra, [name]: value }));
	expect(byFile.secrets).toHaveLength(1);
});

test("a file that is missing or empty, or given beside the variable, is refused", () => {
	expect(readProblems({ OPENAI_API_KEY_FILE: "/nowhere/key" })).toEqual([
		"OPENAI_API_KEY_FILE cannot be read: /nowhere/key (ENOENT)",
	]);
	expect(readProblems({ OPENAI_API_KEY_FILE: writeSecret("\n") })[0]).toContain("empty file");
	expect(readProblems({ OPENAI_API_KEY: "a", OPENAI_API_KEY_FILE: writeSecret("b") })[0]).toContain(
		"both set",
	);
});

test.each([
	["empty", ""],
	["short", "abc"],
	["a sample", `your-webhook-secret-example-${"x1y2z3".repeat(5)}`],
	["of few characters", "ab".repeat(30)],
	["with characters Telegram refuses", `${SECRET}+/=`],
])("a webhook secret that is %s stops the start", (_name, secret) => {
	expect(readProblems({ TELEGRAM_WEBHOOK_SECRET: secret })[0]).toMatch(/^TELEGRAM_WEBHOOK_SECRET must be/);
	expect(readProblems({ BIND_PEPPER: secret })[0]).toMatch(/^BIND_PEPPER must be/);
});

test("two webhook secrets may hold at a time, for a change", () => {
	const other = SECRET.split("").reverse().join("");
	expect(parseConfig({ TELEGRAM_WEBHOOK_SECRET: `${SECRET}, ${other}` }).telegram.webhookSecrets).toEqual([
		SECRET,
		other,
	]);
});

test.each([
	[{}, "polling"],
	[{ PUBLIC_URL: "http://bot.example.org" }, "polling"],
	[{ PUBLIC_URL: "https://bot.example.org:9443" }, "polling"],
	[{ PUBLIC_URL: "https://bot.example.org:8443/" }, "webhook"],
	[{ PUBLIC_URL: "https://bot.example.org", TELEGRAM_MODE: "polling" }, "polling"],
])("Telegram with %j is served by %s", (env, mode) => {
	expect(parseConfig(env).telegram.mode).toBe(mode);
});

test("rules about several variables", () => {
	expect(readProblems({ TELEGRAM_MODE: "webhook", PUBLIC_URL: "http://h" })[0]).toContain(
		"PUBLIC_URL must be https",
	);
	expect(readProblems({ TELEGRAM_BOT_TOKENS: `${TOKEN},${TOKEN.slice(0, -1)}9` })[0]).toContain("two tokens");
	expect(readProblems({ CUSTOM_PROVIDER_BASE_URL: "https://h" })[0]).toContain("CUSTOM_PROVIDER_MODELS");
});

test("providers and bots are gathered", () => {
	const config = parseConfig({
		TELEGRAM_BOT_TOKENS: `${TOKEN}, 987654321:${"Z".repeat(35)}`,
		TELEGRAM_BOT_TOKEN: TOKEN,
		MOONSHOT_API_KEY: "moon",
		CUSTOM_PROVIDER_BASE_URL: "http://10.0.0.1:8000/v1",
		CUSTOM_PROVIDER_MODELS: "a, b/c:free",
		CUSTOM_PROVIDER_ALLOW_PRIVATE: "yes",
		STAFF: "telegram:1:2, terminal:local:root",
	});
	expect(config.telegram.tokens).toHaveLength(2);
	expect(config.staff).toEqual(["telegram:1:2", "terminal:local:root"]);
	expect(config.providers.keys).toEqual({ moonshot: "moon" });
	expect(config.providers.custom).toEqual({
		baseUrl: "http://10.0.0.1:8000/v1",
		apiKey: "",
		models: ["a", "b/c:free"],
		region: "other",
		dialect: "openai",
		allowPrivateNetwork: true,
	});
});

test("passwords inside URLs are secrets too", () => {
	expect(parseConfig({ DATABASE_URL: "postgres://u:p%40ss@h/d" }).secrets).toEqual(["p@ss"]);
});

test(".env.example names every variable and no other, with its default", () => {
	const text = readFileSync(new URL("../.env.example", import.meta.url), "utf8");
	const lines = [...text.matchAll(/^#?([A-Z][A-Z0-9_]+)=(.*)$/gm)];
	const composeOnly = ["POSTGRES_PASSWORD", "REDIS_PASSWORD", "PUBLISH"];
	const expected = [...Object.keys(envSchema.shape), ...composeOnly].sort();
	expect(lines.map(([, name]) => name).sort()).toEqual(expected);
	const defaults = envSchema.parse({}) as Record<string, unknown>;
	for (const [, name = "", value = ""] of lines) {
		const standard = defaults[name];
		if (typeof standard === "number") expect(`${name}=${value}`).toBe(`${name}=${standard}`);
	}
	for (const name of SECRET_NAMES) expect(text).toContain(name);
});

test.each(["PUBLIC_URL", "SUPPORT_URL", "TELEGRAM_API_ROOT", "CUSTOM_PROVIDER_BASE_URL"])(
	"%s holds no password, which would be stored and logged in the clear",
	(name) => {
		const more = { CUSTOM_PROVIDER_BASE_URL: "https://example.com", CUSTOM_PROVIDER_MODELS: "m" };
		expect(readProblems({ ...more, [name]: "https://user:canary@example.com" })).toEqual([
			`${name} must hold no user name and no password`,
		]);
	},
);

test("trusted proxies are networks or addresses, and never everybody", () => {
	expect(parseConfig({ TRUSTED_PROXIES: "127.0.0.1, 10.0.0.0/8,fd00::/8" }).trustedProxies).toEqual([
		"127.0.0.1",
		"10.0.0.0/8",
		"fd00::/8",
	]);
	for (const wrong of ["0.0.0.0/0", "::/0", "proxy", "10.0.0.0/33", "10.1", "10.0.0.0/8/8", "10.0.0.0/"]) {
		expect(readProblems({ TRUSTED_PROXIES: wrong })).toHaveLength(1);
	}
});

const IMAGE = `ghcr.io/openclaw/openclaw@sha256:${"0a".repeat(32)}`;

test("containers are of an image by its digest, and only they are", () => {
	const { instances } = parseConfig({ INSTANCES: "docker", INSTANCE_RELEASE: IMAGE });
	expect(instances).toMatchObject({
		...{ runtime: "docker", release: IMAGE },
		containers: {
			...{ socket: "/var/run/docker.sock", registries: ["docker.io", "ghcr.io"], subnets: "10.213.0.0/16" },
			...{ command: undefined, firewall: undefined, ociRuntime: undefined },
		},
	});
	expect(readProblems({ INSTANCES: "docker" })[0]).toContain("must be an image by its digest");
	expect(readProblems({ INSTANCE_RELEASE: IMAGE })[0]).toContain("needs INSTANCES=docker");
	const tagged = readProblems({ INSTANCES: "docker", INSTANCE_RELEASE: "ghcr.io/openclaw/openclaw:latest" });
	expect(tagged[0]).toMatch(/^INSTANCE_RELEASE must be/);
	const other = parseConfig({
		...{ INSTANCES: "docker", INSTANCE_RELEASE: `sha256:${"0a".repeat(32)}`, INSTANCE_FIREWALL: "off" },
		...{ INSTANCE_COMMAND: " node  /app/dist/index.js ", INSTANCE_REGISTRIES: "registry.example.com:5000" },
	});
	expect(other.instances.containers).toMatchObject({
		...{
			command: ["node", "/app/dist/index.js"],
			registries: ["registry.example.com:5000"],
			firewall: false,
		},
	});
});

test.each([
	[{}, 0],
	[{ INSTANCES: "docker", INSTANCE_RELEASE: IMAGE }, 10],
	[{ INSTANCES: "docker", INSTANCE_RELEASE: IMAGE, INSTANCE_WARM: "3" }, 3],
	[{ INSTANCE_WARM: "2" }, 2],
])("%j: so many instances wait: %i", (env, warm) => {
	expect(parseConfig(env).instances.warm).toBe(warm);
});
