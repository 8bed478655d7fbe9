import type { Text } from "./say.ts";

/** /start in a group, /help, /support, /privacy. */
export const aboutTexts = {
	groupHello: {
		en: "Hello! Mention me or reply to me with a question and I answer here. Your account, plan and usage are private: write to me in a private chat for those.",
		"zh-CN": "大家好！@我或回复我的消息提问，我就在这里回答。账户、套餐和用量属于个人隐私，请私聊我查询。",
		ru: "Здравствуйте! Упомяните меня или ответьте на моё сообщение с вопросом, и я отвечу здесь. Аккаунт, тариф и расход — дело личное: о них пишите мне в личном чате.",
	},
	helpIntro: {
		en: "Just write to me in your own words and I answer. Answers cost tokens; commands are free.",
		"zh-CN": "直接用您自己的话写给我，我就会回答。回答会消耗 token，命令是免费的。",
		ru: "Просто напишите мне своими словами, и я отвечу. Ответы тратят токены, команды бесплатны.",
	},
	helpGroup: {
		en: "In this group I answer when you mention me or reply to me. These commands work here; the others in a private chat.",
		"zh-CN": "在群里，@我或回复我时我才回答。以下命令可在群内使用，其余请私聊。",
		ru: "В группе я отвечаю, когда меня упоминают или отвечают мне. Эти команды работают здесь, остальные — в личном чате.",
	},
	helpStaff: { en: "For staff:", "zh-CN": "客服专用：", ru: "Для персонала:" },
	support: {
		en: "Write to support: {url}\n\nTell them what you did, what you saw and the code of the error, if there was one. Never send anybody your keys or bind codes.",
		"zh-CN":
			"联系客服：{url}\n\n请说明您做了什么、看到了什么，以及错误代码（如有）。请勿把密钥或绑定码发给任何人。",
		ru: "Поддержка: {url}\n\nНапишите, что вы сделали, что увидели и код ошибки, если он был. Никому не отправляйте свои ключи и коды привязки.",
	},
	supportNone: {
		en: "This bot has no support address yet. Ask the person who gave you this bot. Never send anybody your keys or bind codes.",
		"zh-CN": "此机器人还没有设置客服联系方式，请联系向您提供此机器人的人。请勿把密钥或绑定码发给任何人。",
		ru: "Адреса поддержки у этого бота пока нет. Спросите того, кто дал вам этого бота. Никому не отправляйте свои ключи и коды привязки.",
	},
	privacy: {
		en: "**What is stored about you**\n- your id and name on this platform, your language, time zone, tier and plan\n- your messages and the answers: raw events for {days} days, the conversation until /new or /delete\n- how many tokens each answer cost\n\nYour message and the recent conversation go to the AI provider that answers; with the China-ready tier only to providers in China. Bind codes and API keys are stored only as hashes.\n\n/export gives you everything as a file. /delete removes your account and messages; only accounting figures without your name remain.",
		"zh-CN":
			"**我们保存的信息**\n- 您在本平台的 ID 和昵称、语言、时区、档位和套餐\n- 您的消息和回答：原始事件保留 {days} 天，对话内容保留到您使用 /new 或 /delete\n- 每次回答消耗的 token 数\n\n您的消息和最近的对话会发送给负责回答的 AI 服务商；选择“国内可用”档位时只发送给中国境内的服务商。绑定码和 API 密钥只保存哈希值。\n\n/export 可导出全部数据；/delete 会删除账户和消息，只保留不含姓名的账务数字。",
		ru: "**Что о вас хранится**\n- ваш идентификатор и имя на этой платформе, язык, часовой пояс, режим и тариф\n- ваши сообщения и ответы: исходные события {days} дней, разговор — до /new или /delete\n- сколько токенов стоил каждый ответ\n\nВаше сообщение и недавний разговор уходят ИИ-провайдеру, который отвечает; в режиме «для Китая» — только провайдерам в Китае. Коды привязки и ключи API хранятся только в виде хешей.\n\n/export выдаст всё файлом. /delete удалит аккаунт и сообщения; останутся лишь учётные цифры без имени.",
	},
} as const satisfies Record<string, Text>;
