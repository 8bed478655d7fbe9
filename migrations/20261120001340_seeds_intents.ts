import type { Knex } from "knex";

/**
 * The contract's four rules, with English and Russian words of the same sense. Words of Latin and Cyrillic stand alone, so the
 * forms people use are listed one by one.
 */
const RULES = [
	{
		id: "ops",
		agents: ["ops"],
		skills: ["data-analysis", "searxng"],
		keywords: [
			"数据 分析 运营 增长 报表",
			"data dataset analysis analyses analytics analyze analyse analyst growth metrics kpi report reports reporting dashboard",
			"dashboards statistics operations retention conversion spreadsheet",
			"данные данных данным анализ анализа анализу аналитика аналитику аналитики аналитик проанализируй проанализировать рост",
			"роста метрики метрик отчёт отчет отчёта отчета отчёты отчеты статистика статистику дашборд операции конверсия конверсию",
			"удержание таблица таблицу",
		],
	},
	{
		id: "coder",
		agents: ["coder"],
		skills: ["code-reviewer", "fix"],
		keywords: [
			"代码 开发 bug 重构 API",
			"code coding bugs debug debugging develop developer development programming program refactor refactoring apis script",
			"function compile compiler exception stacktrace",
			"код кода коду кодом баг бага баги багов апи разработка разработку разработки разработать разработчик программа программу",
			"программирование программировать рефакторинг скрипт скрипта функция функцию отладка отладить ошибка ошибку компилятор",
		],
	},
	{
		id: "inventor",
		agents: ["inventor"],
		skills: [],
		keywords: [
			"创意 文案 想法 头脑风暴",
			"idea ideas creative creativity copywriting brainstorm brainstorming slogan slogans tagline headline storytelling naming",
			"идея идею идеи идей креатив креативный копирайтинг слоган слоганы брейншторм заголовок нейминг",
		],
		phrases: ["мозговой штурм", "мозгового штурма", "рекламный текст", "ad copy"],
	},
	{
		id: "pm",
		agents: ["pm"],
		skills: [],
		keywords: [
			"产品 需求 用户 MVP",
			"product products requirement requirements roadmap backlog prd users",
			"продукт продукта продукту продукты требование требования требований пользователь пользователи пользователей мвп роадмап",
			"бэклог",
		],
		phrases: ["user story", "user stories", "дорожная карта", "минимальный продукт"],
	},
] as const;

export async function up(knex: Knex): Promise<void> {
	for (const rule of RULES) {
		const phrases = "phrases" in rule ? rule.phrases : [];
		const keywords = [...rule.keywords.flatMap((line) => line.split(" ")), ...phrases];
		await knex.raw("insert into intent_rules (id, keywords, agents, skills) values (?, ?, ?, ?)", [
			rule.id,
			keywords,
			[...rule.agents],
			[...rule.skills],
		]);
	}
}

export async function down(knex: Knex): Promise<void> {
	await knex.raw("delete from intent_rules where id = any(?)", [RULES.map(({ id }) => id)]);
}
