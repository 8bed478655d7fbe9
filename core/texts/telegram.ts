import type { Text } from "./say.ts";

/** What Telegram itself shows of the bot: at most 512 and 120 characters. */
export const telegramTexts = {
	description: {
		en: "Your personal AI agent, right in this chat. Ask anything, let it suggest the right helper, and see what every answer used. Send /start to begin.",
		"zh-CN":
			"就在聊天里的私人 AI 助手。什么都可以问，它会为你推荐合适的智能体，每次回答用了多少都看得到。发送 /start 开始使用。",
		ru: "Ваш личный ИИ-агент прямо в чате. Спрашивайте о чём угодно: он подберёт подходящего помощника и покажет, сколько израсходовал каждый ответ. Чтобы начать, отправьте /start.",
	},
	shortDescription: {
		en: "A personal AI agent in your chat. Plans, usage and settings are here too.",
		"zh-CN": "聊天里的私人 AI 助手，套餐、用量和设置也都在这里。",
		ru: "Личный ИИ-агент в вашем чате. Тарифы, расход и настройки — тоже здесь.",
	},
} as const satisfies Record<string, Text>;
