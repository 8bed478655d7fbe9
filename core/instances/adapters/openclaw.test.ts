import { describe, expect, test } from "@jest/globals";
import type { InstanceTerms } from "./adapter.ts";
import { openclaw } from "./openclaw.ts";

const TERMS: InstanceTerms = {
	gatewayUrl: "http://127.0.0.1:8080/v1",
	modelKey: "rp_canary-key",
	token: "canary-token",
	zone: "Asia/Shanghai",
	reach: "loopback",
	agents: [
		{ id: "coder", name: "Coder", soul: "You write code.", instructions: "Ask first.", skills: ["github"] },
	],
	skillFiles: [{ id: "house-rules", content: "---\nname: house-rules\n---\nBe kind.\n" }],
	heartbeatMinutes: undefined,
};

type Config = {
	readonly models: {
		readonly mode: string;
		readonly providers: Record<string, { readonly baseUrl: string }>;
	};
	readonly plugins: object;
	readonly agents: {
		readonly defaults: { readonly heartbeat: { readonly every: string } };
		readonly entries: Record<string, { readonly workspace: string }>;
	};
};

function readConfig(terms: InstanceTerms): Config {
	const file = openclaw.files(terms).find(({ path }) => path === "config/openclaw.json");
	return JSON.parse(file?.content ?? "{}") as Config;
}

describe("an instance of OpenClaw", () => {
	test("knows one provider, our gateway, and does nothing unasked unless it may", () => {
		const config = readConfig(TERMS);
		expect(config.models.mode).toBe("replace");
		expect(Object.keys(config.models.providers)).toEqual(["rockpool"]);
		expect(config.models.providers["rockpool"]?.baseUrl).toBe(TERMS.gatewayUrl);
		expect(config.agents.defaults.heartbeat.every).toBe("0m");
		expect(JSON.stringify(config.plugins)).toContain('"dreaming":{"enabled":false}');
		expect(readConfig({ ...TERMS, heartbeatMinutes: 60 }).agents.defaults.heartbeat.every).toBe("60m");
	});

	test("gets its secrets in its environment and in no file", () => {
		expect(JSON.stringify(openclaw.files(TERMS))).not.toContain("canary-");
		const { environment, args } = openclaw.describe(TERMS);
		expect(environment).toMatchObject({
			ROCKPOOL_KEY: "rp_canary-key",
			OPENCLAW_GATEWAY_TOKEN: "canary-token",
		});
		expect(args.join(" ")).not.toContain("canary-");
	});

	test("has the skills it was given, and no agent may use another", () => {
		expect(openclaw.files(TERMS)).toContainEqual({
			path: "state/skills/house-rules/SKILL.md",
			content: "---\nname: house-rules\n---\nBe kind.\n",
		});
		expect(readConfig(TERMS).agents.entries["coder"]).toMatchObject({ skills: ["github"] });
		const climbing = { ...TERMS, skillFiles: [{ id: "../x", content: "" }] };
		expect(() => openclaw.files(climbing)).toThrow(expect.objectContaining({ code: "REQUEST_INVALID" }));
	});

	test("has a workspace for each agent, with who it is and what it does", () => {
		const files = openclaw.files(TERMS);
		expect(readConfig(TERMS).agents.entries["coder"]?.workspace).toBe("~/workspaces/coder");
		expect(files).toContainEqual({ path: "workspaces/coder/SOUL.md", content: "You write code." });
		expect(files).toContainEqual({ path: "workspaces/coder/AGENTS.md", content: "Ask first." });
	});

	test.each([
		["an address that is none", { gatewayUrl: "file:///etc/passwd" }],
		["no agent", { agents: [] }],
		["an agent whose name leads elsewhere", { agents: [{ ...TERMS.agents[0], id: "../etc" }] }],
		["an agent whose name is an option", { agents: [{ ...TERMS.agents[0], id: "-rm" }] }],
		["a soul without end", { agents: [{ ...TERMS.agents[0], soul: "x".repeat(20_001) }] }],
		["a heartbeat without pause", { heartbeatMinutes: 0 }],
	])("is refused with %s", (_, wrong) => {
		expect(() => openclaw.files({ ...TERMS, ...wrong } as InstanceTerms)).toThrow(
			expect.objectContaining({ code: "REQUEST_INVALID" }),
		);
	});
});
