import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Knex } from "knex";
import type { AgentChoice } from "../accounts/account.ts";
import { createTurnContexts } from "../accounts/turn-contexts.ts";
import { listAgentConfigs } from "../db/agents.ts";
import { listIntentRules } from "../db/intents.ts";
import { createIntentMatcher } from "../intents/create-intent-matcher.ts";
import { createLiveIntents } from "../intents/live-intents.ts";
import type { Sender } from "../pipeline/message.ts";
import type { TestDb } from "../testing/create-test-db.ts";
import { createTestDb } from "../testing/create-test-db.ts";
import { joinAs, makeSender, privateLane } from "../testing/people.ts";
import { LANGUAGES } from "../texts/say.ts";
import type { Catalog } from "./agent.ts";
import { createCatalog } from "./cached-catalog.ts";
import { changeSoul, clearAgent, configureAgent } from "./configure-agent.ts";
import { recommend } from "./recommend.ts";
import { buildSystemPrompt } from "./system-prompt.ts";

let testDb: TestDb;
let db: Knex;
let catalog: Catalog;

beforeAll(async () => {
	testDb = await createTestDb();
	db = testDb.db;
	catalog = await createCatalog(db)();
});
afterAll(async () => await testDb.destroy());

const agentOf = async (sender: Sender, lane = privateLane(sender)): Promise<AgentChoice | undefined> =>
	(await createTurnContexts(db)({ ...sender, lane }))?.account?.agent;

describe("the seeds", () => {
	test("have words in every language for every agent and skill", () => {
		expect(catalog.agents.map(({ id }) => id)).toEqual(["ops", "coder", "inventor", "pm"]);
		expect(catalog.skills.map(({ id }) => id)).toEqual(["code-reviewer", "data-analysis", "fix", "searxng"]);
		for (const { title, summary } of [...catalog.agents, ...catalog.skills]) {
			for (const language of LANGUAGES) {
				expect(title[language]).toMatch(/\S/);
				expect(summary[language].length).toBeGreaterThan(10);
			}
		}
	});

	test.each([
		["帮我做一份增长报表", ["ops"], ["data-analysis", "searxng"]],
		["这段代码有bug，帮忙重构", ["coder"], ["code-reviewer", "fix"]],
		["我要一个头脑风暴，写点文案", ["inventor"], []],
		["写一份产品需求文档，先做ＭＶＰ", ["pm"], []],
		["Please review my code, the API throws", ["coder"], ["code-reviewer", "fix"]],
		["I need some ideas for a slogan", ["inventor"], []],
		["Growth metrics for the last quarter", ["ops"], ["data-analysis", "searxng"]],
		["draft the requirements and a roadmap", ["pm"], []],
		["Сделай анализ данных о продажах", ["ops"], ["data-analysis", "searxng"]],
		["Помоги исправить ошибку в коде, точнее: код не работает", ["coder"], ["code-reviewer", "fix"]],
		["нужен мозговой штурм", ["inventor"], []],
		["опиши требования к продукту", ["pm"], []],
		["Weather in the capital of France?", [], []],
		["Привет, как дела?", [], []],
	])("recommend for %s", async (text, agents, skills) => {
		const match = createIntentMatcher(await listIntentRules(db));
		const offered = recommend(match(text), catalog);
		expect(offered.agents.map(({ id }) => id)).toEqual(agents);
		expect(offered.skills.map(({ id }) => id)).toEqual(skills);
	});

	test("recommend several agents, but only those that are switched on", async () => {
		const match = createIntentMatcher(await listIntentRules(db));
		const matches = match("代码 产品 想法 数据");
		expect(recommend(matches, catalog).agents.map(({ id }) => id)).toEqual(["coder", "inventor", "ops"]);
		const fewer = { ...catalog, agents: catalog.agents.filter(({ id }) => id !== "coder") };
		expect(recommend(matches, fewer).agents.map(({ id }) => id)).toEqual(["inventor", "ops", "pm"]);
	});
});

describe("an agent", () => {
	test("configured in a lane answers there, with its own skills", async () => {
		const sender = makeSender();
		const accountId = await joinAs(db, sender);
		expect(await agentOf(sender)).toBeUndefined();
		const request = { accountId, agentId: "coder", lane: privateLane(sender) };
		expect(await configureAgent(db, request)).toBe("configured");
		expect(await configureAgent(db, request)).toBe("configured");
		expect(await agentOf(sender)).toEqual({
			agentId: "coder",
			skills: ["code-reviewer", "fix"],
			customSoul: undefined,
		});
	});

	test("takes the skills it is given, without those that do not exist", async () => {
		const sender = makeSender();
		const accountId = await joinAs(db, sender);
		await configureAgent(db, { accountId, agentId: "pm", skills: ["fix", "nope", "fix"] });
		expect(await agentOf(sender)).toMatchObject({ agentId: "pm", skills: ["fix"] });
		await configureAgent(db, { accountId, agentId: "pm" });
		expect(await agentOf(sender)).toMatchObject({ skills: ["fix"] });
		await configureAgent(db, { accountId, agentId: "pm", skills: [] });
		expect(await agentOf(sender)).toMatchObject({ skills: [] });
	});

	test("of one lane leaves the choice of another alone; cleared, the plain assistant answers there", async () => {
		const sender = makeSender();
		const accountId = await joinAs(db, sender);
		await configureAgent(db, { accountId, agentId: "coder", lane: "a" });
		await configureAgent(db, { accountId, agentId: "ops", lane: "b" });
		expect(await agentOf(sender, "a")).toMatchObject({ agentId: "coder" });
		expect(await agentOf(sender, "b")).toMatchObject({ agentId: "ops" });
		expect(await agentOf(sender, "c")).toMatchObject({ agentId: "ops" });
		await clearAgent(db, accountId, "b");
		expect(await agentOf(sender, "b")).toBeUndefined();
		expect((await listAgentConfigs(db, accountId)).map(({ agentId }) => agentId)).toEqual(["ops", "coder"]);
	});

	test("that does not exist or is switched off cannot be had", async () => {
		const accountId = await joinAs(db, makeSender());
		expect(await configureAgent(db, { accountId, agentId: "nope" })).toBe("unknown");
		await db.raw("update agents set enabled = false where id = 'inventor'");
		try {
			expect(await configureAgent(db, { accountId, agentId: "inventor" })).toBe("unknown");
		} finally {
			await db.raw("update agents set enabled = true where id = 'inventor'");
		}
	});

	test("has a soul of the user's own words, within bounds", async () => {
		const sender = makeSender();
		const accountId = await joinAs(db, sender);
		const soul = (words: string | undefined) => ({ accountId, agentId: "coder", soul: words });
		expect(await changeSoul(db, soul("be brief"))).toBe("unknown");
		await configureAgent(db, { accountId, agentId: "coder" });
		expect(await changeSoul(db, soul("be brief"))).toBe("changed");
		expect(await agentOf(sender)).toMatchObject({ customSoul: "be brief" });
		expect(await changeSoul(db, soul(undefined))).toBe("changed");
		expect(await agentOf(sender)).toMatchObject({ customSoul: undefined });
		for (const words of ["x".repeat(20_001), "a\0b", "\ud83d"]) {
			await expect(changeSoul(db, soul(words))).rejects.toMatchObject({ code: "REQUEST_INVALID" });
		}
	});
});

describe("the system prompt", () => {
	const choice = { agentId: "coder", skills: ["fix", "nope"], customSoul: " Talk like a pirate. " };

	test("of the plain assistant names the language and nothing of agents", () => {
		const prompt = buildSystemPrompt(undefined, catalog, "ru");
		expect(prompt).toContain("Russian");
		expect(prompt).not.toContain("engineer");
	});

	test("of an agent holds its persona, its skills and the user's wishes", () => {
		const prompt = buildSystemPrompt(choice, catalog, "zh-CN");
		for (const part of [
			"Simplified Chinese",
			"senior software engineer",
			"- Repair: ",
			"Talk like a pirate.",
		]) {
			expect(prompt).toContain(part);
		}
		expect(prompt).not.toContain("Code review");
	});

	test("of an agent that was switched off is the plain one", () => {
		const gone = { ...catalog, agents: [] };
		expect(buildSystemPrompt(choice, gone, "en")).toBe(buildSystemPrompt(undefined, catalog, "en"));
	});
});

describe("live intents", () => {
	test("match nothing before they are read, then by the rules of the database", async () => {
		const intents = createLiveIntents({ db, onError: fail });
		expect(intents.match("bug")).toEqual([]);
		await intents.reload();
		expect(intents.match("bug")).toMatchObject([{ ruleId: "coder" }]);
	});

	test("go on with the old rules while new ones are read, which happens after 30 s", async () => {
		let nowMs = 0;
		const intents = createLiveIntents({ db, onError: fail, nowMs: () => nowMs });
		await intents.reload();
		await db.raw(
			"insert into intent_rules (id, keywords, agents, skills) values ('x', '{xyzzy}', '{pm}', '{}')",
		);
		nowMs = 29_999;
		expect(intents.match("xyzzy")).toEqual([]);
		nowMs = 30_000;
		expect(intents.match("xyzzy")).toEqual([]);
		await intents.reload();
		expect(intents.match("xyzzy")).toMatchObject([{ ruleId: "x" }]);
		await db.raw("delete from intent_rules where id = 'x'");
	});

	test("go on with the old rules when the database fails, and say so", async () => {
		let nowMs = 0;
		const errors: unknown[] = [];
		let broken = false;
		const flaky = new Proxy(db, {
			get: (target, name) => {
				if (broken && name === "raw") throw new Error("gone");
				return Reflect.get(target, name);
			},
		});
		const intents = createLiveIntents({
			db: flaky,
			onError: (error) => errors.push(error),
			nowMs: () => nowMs,
		});
		await intents.reload();
		broken = true;
		nowMs = 30_000;
		expect(intents.match("bug")).toHaveLength(1);
		await expect(intents.reload()).rejects.toThrow("gone");
		expect(intents.match("bug")).toHaveLength(1);
		expect(errors).toHaveLength(1);
	});
});

function fail(error: unknown): never {
	throw error;
}
