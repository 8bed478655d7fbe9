import type { Text } from "./say.ts";

/** One line a command, for menus and /help. Telegram: 1-256 characters. */
export const descriptionTexts = {
	start: { en: "Set up in three short steps", "zh-CN": "三步完成设置", ru: "Настройка в три шага" },
	help: { en: "What I can do", "zh-CN": "我能做什么", ru: "Что я умею" },
	bind: { en: "Use a bind code", "zh-CN": "使用绑定码", ru: "Ввести код привязки" },
	link: {
		en: "Join another chat to this account",
		"zh-CN": "将另一个聊天接入此账户",
		ru: "Подключить другой чат к этому аккаунту",
	},
	unbind: { en: "Leave this account", "zh-CN": "将此聊天移出账户", ru: "Отвязать этот чат от аккаунта" },
	plan: { en: "Your plan and all plans", "zh-CN": "您的套餐和全部套餐", ru: "Ваш тариф и все тарифы" },
	usage: {
		en: "Tokens used and left",
		"zh-CN": "已用和剩余的 token",
		ru: "Сколько токенов потрачено и осталось",
	},
	tier: {
		en: "Smart, economy or China-ready",
		"zh-CN": "智能、经济或国内可用",
		ru: "Умный, экономный или для Китая",
	},
	agents: { en: "Choose who answers you", "zh-CN": "选择由谁来回答", ru: "Выбрать, кто вам отвечает" },
	skills: { en: "What the agents can do", "zh-CN": "智能体的技能", ru: "Навыки агентов" },
	instance: { en: "An agent of your own", "zh-CN": "您的专属智能体", ru: "Ваш собственный агент" },
	new: { en: "Start a new conversation", "zh-CN": "开始新对话", ru: "Начать новый разговор" },
	stop: { en: "Stop the running answer", "zh-CN": "停止正在生成的回答", ru: "Остановить ответ" },
	retry: { en: "Repeat your last message", "zh-CN": "重试上一条消息", ru: "Повторить последнее сообщение" },
	last: {
		en: "Show the last answer again, free",
		"zh-CN": "免费重发上一条回答",
		ru: "Показать последний ответ ещё раз, бесплатно",
	},
	lang: { en: "Language", "zh-CN": "语言", ru: "Язык" },
	timezone: { en: "Time zone", "zh-CN": "时区", ru: "Часовой пояс" },
	support: { en: "Get help from people", "zh-CN": "联系人工客服", ru: "Связаться с поддержкой" },
	privacy: { en: "What is stored about you", "zh-CN": "我们保存了哪些信息", ru: "Что о вас хранится" },
	export: { en: "Download your data", "zh-CN": "导出您的数据", ru: "Скачать свои данные" },
	delete: { en: "Delete your account", "zh-CN": "删除您的账户", ru: "Удалить аккаунт" },
	cancel: { en: "Leave the current question", "zh-CN": "取消当前步骤", ru: "Отменить текущий вопрос" },
	key: { en: "Keys for the HTTP API", "zh-CN": "HTTP API 密钥", ru: "Ключи для HTTP API" },
	preset: {
		en: "Choose the models of an account's programs",
		"zh-CN": "设置账户程序所用的模型",
		ru: "Выбрать модели для программ аккаунта",
	},
	issue: { en: "Issue a code for a plan", "zh-CN": "发放套餐绑定码", ru: "Выдать код на тариф" },
} as const satisfies Record<string, Text>;

export const commandTexts = {
	unknown: {
		en: "I do not know the command {name}.",
		"zh-CN": "我不认识命令 {name}。",
		ru: "Команды {name} я не знаю.",
	},
	nearest: {
		en: "Did you mean /{command}?",
		"zh-CN": "您是想用 /{command} 吗？",
		ru: "Может быть, /{command}?",
	},
	seeHelp: {
		en: "/help lists all commands.",
		"zh-CN": "/help 会列出所有命令。",
		ru: "Все команды покажет /help.",
	},
	privateOnly: {
		en: "I answer /{command} only in a private chat, so that your affairs stay yours. Write to me privately.",
		"zh-CN": "为保护您的隐私，/{command} 只能在私聊中使用。请私聊我。",
		ru: "На /{command} я отвечаю только в личном чате, чтобы ваши дела остались вашими. Напишите мне лично.",
	},
	privateLink: { en: "Open a private chat", "zh-CN": "打开私聊", ru: "Открыть личный чат" },
	usageOf: { en: "Write it like this: {example}", "zh-CN": "用法：{example}", ru: "Пишите так: {example}" },
} as const satisfies Record<string, Text>;
