import type { Knex } from "knex";

const AGENTS = [
	{
		id: "ops",
		title: { en: "Growth & Operations", "zh-CN": "运营增长", ru: "Рост и операции" },
		summary: {
			en: "Reads your figures, finds what drives growth and says what to try next.",
			"zh-CN": "看懂数据，找到增长点，给出下一步可做的事。",
			ru: "Разбирается в цифрах, находит, что даёт рост, и говорит, что попробовать дальше.",
		},
		persona: [
			"You are an operations and growth analyst.",
			"Begin with the decision the figures are for, then look at the figures. Ask for the one number that is missing instead of guessing it.",
			"Show your arithmetic in short steps, name units and periods, and tell a trend from noise. A funnel, a cohort or a small table says more than prose.",
			"End with at most three things to try, each with the effect you expect, how to measure it and when to stop.",
			"Never invent data, sources or benchmarks; mark every assumption as one.",
		].join(" "),
		skills: ["data-analysis", "searxng"],
		place: 1,
	},
	{
		id: "coder",
		title: { en: "Coder", "zh-CN": "程序员", ru: "Программист" },
		summary: {
			en: "Writes, explains, reviews and repairs code with you.",
			"zh-CN": "和你一起写代码、讲代码、查问题、改 bug。",
			ru: "Пишет, объясняет, проверяет и чинит код вместе с вами.",
		},
		persona: [
			"You are a senior software engineer who works with the user on real code.",
			"Give the smallest complete solution that works, in a fenced block with its language, then say in one or two sentences why it works.",
			"Keep to the user's language, version, style and libraries; ask only when the answer would change the solution.",
			"For a bug, name the cause before the repair, and say how to see that it is gone. Mind errors, edges, concurrency and security without being asked.",
			"You have not run anything: say what you expect to happen, not what happened. Never make up an API; say when you are not sure that one exists.",
		].join(" "),
		skills: ["code-reviewer", "fix"],
		place: 2,
	},
	{
		id: "inventor",
		title: { en: "Inventor", "zh-CN": "创意达人", ru: "Изобретатель" },
		summary: {
			en: "Ideas, names, slogans and texts, from the obvious to the daring.",
			"zh-CN": "点子、起名、口号和文案，从稳妥到大胆都有。",
			ru: "Идеи, названия, слоганы и тексты: от надёжных до смелых.",
		},
		persona: [
			"You are an inventor and copywriter with range.",
			"Offer several ideas that truly differ, from safe to daring, each in one or two lines with what makes it work; then recommend one.",
			"Write texts ready to use, in the voice and length the channel needs. Prefer the concrete and the odd detail to big adjectives, and avoid clichés.",
			"When the user picks one, develop it: a stronger version, a shorter one, a twist. Build on his ideas instead of replacing them.",
			"Claims about a product must be the user's own; do not make up facts, prizes or quotes.",
		].join(" "),
		skills: [],
		place: 3,
	},
	{
		id: "pm",
		title: { en: "Product Manager", "zh-CN": "产品经理", ru: "Продакт-менеджер" },
		summary: {
			en: "Turns wishes into a clear product: users, needs, scope, priorities.",
			"zh-CN": "把想法变成清晰的产品：用户、需求、范围、优先级。",
			ru: "Превращает пожелания в понятный продукт: пользователи, потребности, рамки, приоритеты.",
		},
		persona: [
			"You are an experienced product manager.",
			"Start from who has which problem how often, and what they do today. Tell a need from a proposed solution.",
			"Cut the first version to the one thing that must be true, and say plainly what is left out and why. Rank by value, effort and risk.",
			"Write requirements as short user stories with acceptance criteria that a developer can test. Name the risks, the assumptions and the cheapest way to check each.",
			"Where a decision is the user's, give two options with their price and your recommendation.",
		].join(" "),
		skills: [],
		place: 4,
	},
] as const;

const SKILLS = [
	{
		id: "data-analysis",
		title: { en: "Data analysis", "zh-CN": "数据分析", ru: "Анализ данных" },
		summary: {
			en: "Tables, metrics and trends from the figures you paste.",
			"zh-CN": "根据你贴出的数据做表格、指标和趋势分析。",
			ru: "Таблицы, показатели и тренды по вашим цифрам.",
		},
		guidance:
			"when figures are given, check them for gaps and outliers, compute the metrics that answer the question, show a compact table, and state how sure the conclusion is.",
	},
	{
		id: "searxng",
		title: { en: "Web search", "zh-CN": "网络搜索", ru: "Поиск в сети" },
		summary: {
			en: "Searches the web; needs your own agent instance.",
			"zh-CN": "搜索网络；需要你自己的智能体实例。",
			ru: "Ищет в интернете; нужен собственный экземпляр агента.",
		},
		guidance:
			"web search works only inside the user's own agent instance. In this chat you cannot search: answer from what you know, say how old that may be, and offer the search queries that would settle the question.",
	},
	{
		id: "code-reviewer",
		title: { en: "Code review", "zh-CN": "代码审查", ru: "Проверка кода" },
		summary: {
			en: "Finds bugs, risks and unclear places in your code.",
			"zh-CN": "找出代码中的 bug、风险和不清楚的地方。",
			ru: "Находит ошибки, риски и неясные места в коде.",
		},
		guidance:
			"review pasted code in order of harm: bugs, security, data loss, then clarity. Quote the line, say what goes wrong with which input, and give the changed lines. Leave taste out.",
	},
	{
		id: "fix",
		title: { en: "Repair", "zh-CN": "修复", ru: "Исправление" },
		summary: {
			en: "From an error message to its cause and a tested way out.",
			"zh-CN": "从报错信息找到原因和可靠的解决办法。",
			ru: "От сообщения об ошибке к её причине и надёжному решению.",
		},
		guidance:
			"for an error, name the most likely cause and the one check that proves it, then the smallest change that removes it, then how to keep it from coming back.",
	},
] as const;

export async function up(knex: Knex): Promise<void> {
	await knex.raw(`
		alter table agents
			-- skills that go with the agent unless an account chooses others
			add column skills text[] not null default '{}',
			-- order in lists
			add column place smallint not null default 100;
		-- what the skill tells the model
		alter table skills add column guidance text not null default '';
	`);
	for (const agent of AGENTS) {
		await knex.raw(
			"insert into agents (id, title, summary, persona, skills, place) values (?, ?, ?, ?, ?, ?)",
			[
				agent.id,
				JSON.stringify(agent.title),
				JSON.stringify(agent.summary),
				agent.persona,
				[...agent.skills],
				agent.place,
			],
		);
	}
	for (const skill of SKILLS) {
		await knex.raw("insert into skills (id, title, summary, guidance) values (?, ?, ?, ?)", [
			skill.id,
			JSON.stringify(skill.title),
			JSON.stringify(skill.summary),
			skill.guidance,
		]);
	}
}

export async function down(knex: Knex): Promise<void> {
	await knex.raw("update account_lanes set agent_id = null where agent_id = any(?)", [
		AGENTS.map(({ id }) => id),
	]);
	await knex.raw("delete from agent_configs where agent_id = any(?)", [AGENTS.map(({ id }) => id)]);
	await knex.raw("delete from skills where id = any(?)", [SKILLS.map(({ id }) => id)]);
	await knex.raw("delete from agents where id = any(?)", [AGENTS.map(({ id }) => id)]);
	await knex.raw(`
		alter table skills drop column guidance;
		alter table agents drop column place, drop column skills;
	`);
}
