import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { CLOUDRU_PRESETS } from "../../core/providers/presets.ts";
import { PROXY, toProxyCompose } from "./proxy.ts";
import type { WizardWorld } from "./testing/wizard-world.ts";
import { createWizardWorld } from "./testing/wizard-world.ts";

const HARDENING = {
	image: "legard/claude-code-proxy:v1.0.0",
	user: "1000:1000",
	read_only: true,
	cap_drop: ["ALL"],
	security_opt: ["no-new-privileges:true"],
	ports: ["127.0.0.1:8082:8082"],
	mem_limit: "512m",
	memswap_limit: "512m",
	cpus: 1,
	pids_limit: 128,
};

describe("the compose file of the proxy", () => {
	test.each(["glm47", "flash", "qwen"] as const)("for %s has every line of hardening", (preset) => {
		const { opus, sonnet, haiku } = CLOUDRU_PRESETS[preset];
		const { services } = parseYaml(toProxyCompose(preset)) as {
			services: Record<string, Record<string, unknown>>;
		};
		const service = services["claude-code-proxy"];
		expect(service).toMatchObject(HARDENING);
		expect(service?.["healthcheck"]).toMatchObject({ interval: "10s", timeout: "5s", retries: 3 });
		expect(service?.["environment"]).toMatchObject({
			OPENAI_BASE_URL: "https://foundation-models.api.cloud.ru/v1",
			OPENAI_API_KEY: expect.stringMatching(/^\$\{CLOUDRU_API_KEY:\?[^}]+\}$/),
			ANTHROPIC_API_KEY: "not-a-real-key-proxy-only",
			BIG_MODEL: opus,
			MIDDLE_MODEL: sonnet,
			SMALL_MODEL: haiku,
		});
		for (const grant of ["privileged", "cap_add", "network_mode", "volumes", "env_file", "pid", "devices"]) {
			expect(service).not.toHaveProperty(grant);
		}
	});

	test("says no key and is printed or written, never over another file", async () => {
		const world = await createWizardWorld();
		const folder = await mkdtemp(join(tmpdir(), "rockpool-compose-"));
		const env = { CLOUDRU_API_KEY: "canary-4f1c9b7e", DATABASE_URL: "postgres://u@127.0.0.1:9/none" };
		expect(await world.run(["proxy-compose"], { env })).toEqual({
			code: 0,
			out: toProxyCompose("glm47"),
			err: "",
		});
		const args = ["proxy-compose", "--cloudru-preset", "qwen", "--out", join(folder, "proxy.yml")];
		expect(await world.run(args, { env })).toMatchObject({ code: 0 });
		expect(await readFile(join(folder, "proxy.yml"), "utf8")).toBe(toProxyCompose("qwen"));
		expect((await world.run(args, { env })).err).toContain("is there already; --force writes over it");
		expect(await world.run([...args, "--force"], { env })).toMatchObject({ code: 0 });
		await rm(folder, { recursive: true });
		await world.close();
	});
});

describe("the proxy as a provider", () => {
	let world: WizardWorld;
	beforeAll(async () => {
		world = await createWizardWorld();
	});
	afterAll(async () => await world.close());
	beforeEach(async () => await world.reset());

	const args = (): readonly string[] => [
		"add",
		"--preset",
		"proxy",
		"--base-url",
		world.server.baseUrl("anthropic"),
	];

	test("is asked for its health before any model, and knows its clients by no real key", async () => {
		const asked = world.server.requests.length;
		world.server.answerAlways(({ path }) =>
			path === "/health" ? { kind: "status", status: 200, body: "{}" } : { kind: "text" },
		);
		expect(await world.run(args())).toMatchObject({ code: 0 });
		const requests = world.server.requests.slice(asked);
		expect(requests.map(({ path }) => path)).toEqual(["/health", ...PROXY.models.map(() => "/v1/messages")]);
		expect(requests[1]?.headers["x-api-key"]).toBe("not-a-real-key-proxy-only");
		expect(await world.db("providers").where({ id: "proxy" }).first()).toMatchObject({
			region: "ru",
			dialect: "anthropic",
		});
		const models = await world.db("provider_models").select("context_tokens", "output_tokens_max");
		expect(models).toEqual(PROXY.models.map(() => ({ context_tokens: 200_000, output_tokens_max: 16_384 })));
	});

	test("that is dead is a plain error, and no model is asked through it", async () => {
		const asked = world.server.requests.length;
		world.server.answerAlways({ kind: "status", status: 503 });
		const { code, out } = await world.run(args());
		expect(code).toBe(1);
		expect(out).toContain("is dead: /health answered 503. Start it");
		expect(world.server.requests.slice(asked).map(({ path }) => path)).toEqual(["/health"]);
	});

	test("has no words in .env", async () => {
		expect((await world.run([...args(), "--env"])).err).toContain("--env has no words for the proxy");
	});
});

/** Comes with another development package; the shape of a YAML file is worth more than its lines. */
function parseYaml(text: string): unknown {
	const { load } = createRequire(import.meta.url)("js-yaml") as { load(text: string): unknown };
	return load(text);
}
