import type { Knex } from "knex";

/** What the agent's program brings along, and what the operator wrote: nothing else is ever given to an instance. */
export async function up(knex: Knex): Promise<void> {
	await knex.raw(`
		create table instance_skills (
			id text not null check (id ~ '^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9]){0,1}$'),
			version text not null check (length(version) between 1 and 40),
			title jsonb not null,
			summary jsonb not null,
			-- of its SKILL.md
			sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
			-- null: it comes with the agent's program of this version
			content text check (length(content) <= 65536),
			-- false: not offered, and taken from those who have it
			enabled boolean not null default true,
			created_at timestamptz not null default clock_timestamp(),
			primary key (id, version),
			check (content is null or sha256 = encode(sha256(convert_to(content, 'UTF8')), 'hex'))
		);
		create table instance_skill_choices (
			account_id bigint not null references accounts,
			skill_id text not null,
			version text not null,
			installed_at timestamptz not null default clock_timestamp(),
			primary key (account_id, skill_id),
			foreign key (skill_id, version) references instance_skills (id, version)
		);
	`);
	for (const { id, sha256, title, summary } of BUNDLED) {
		await knex.raw(
			"insert into instance_skills (id, version, title, summary, sha256) values (?, '2026.9.6', ?::jsonb, ?::jsonb, ?)",
			[id, JSON.stringify(title), JSON.stringify(summary), sha256],
		);
	}
}

export async function down(knex: Knex): Promise<void> {
	await knex.raw("drop table instance_skill_choices, instance_skills");
}

/** Of OpenClaw 2026.9.6, those that need no account elsewhere and no program an instance has not got. */
const BUNDLED = [
	{
		id: "weather",
		sha256: "62ab4821aa873949d1c1091836be1659a42b32caadce4bd145f5505a1ceaeec1",
		title: { en: "Weather", "zh-CN": "天气", ru: "Погода" },
		summary: {
			en: "weather now and in the next days",
			"zh-CN": "当前天气与未来几天的预报",
			ru: "погода сейчас и на ближайшие дни",
		},
	},
	{
		id: "diagram-maker",
		sha256: "6195e03fcb04a1a68c4af72165e0c85efcd2719af79380d82e42996ea89ad74a",
		title: { en: "Diagrams", "zh-CN": "图表绘制", ru: "Схемы" },
		summary: {
			en: "diagrams as files: concepts, flows, architecture",
			"zh-CN": "以文件形式绘制概念图、流程图和架构图",
			ru: "схемы в файлах: понятия, процессы, архитектура",
		},
	},
	{
		id: "spike",
		sha256: "1258cde2d0e5326706536aeeef06d5366fd65e7e1c174c66130b2ac53a4344d1",
		title: { en: "Prototypes", "zh-CN": "快速原型", ru: "Прототипы" },
		summary: {
			en: "tries an idea out in a throwaway prototype and says whether it works",
			"zh-CN": "用一次性原型验证想法并给出结论",
			ru: "проверяет идею одноразовым прототипом и говорит, работает ли она",
		},
	},
	{
		id: "node-inspect-debugger",
		sha256: "50d2f6828eaf4bbf7ccbaec5af928f9af978e93b7c679b0f3c8afe2a80ab7d52",
		title: { en: "Node.js debugger", "zh-CN": "Node.js 调试", ru: "Отладчик Node.js" },
		summary: {
			en: "finds faults in programs of Node.js",
			"zh-CN": "调试 Node.js 程序",
			ru: "ищет ошибки в программах на Node.js",
		},
	},
] as const;
