import type { Text } from "./say.ts";

/** What the pipeline itself says around an answer. */
export const pipelineTexts = {
	inviteOnly: {
		en: "This bot is by invitation. Ask the person who runs it for a bind code and send it here: /bind CODE.",
		"zh-CN": "此机器人仅限受邀用户。请向运营者索取绑定码，然后在这里发送：/bind 绑定码。",
		ru: "Этот бот работает по приглашениям. Попросите код привязки у того, кто его ведёт, и пришлите сюда: /bind КОД.",
	},
	setUpHint: {
		en: "Three short questions set everything up: /start",
		"zh-CN": "回答三个小问题即可完成设置：/start",
		ru: "Три коротких вопроса, и всё будет настроено: /start",
	},
	welcome: {
		en: "Welcome! You are on the free plan: {tokens} tokens a day. /start sets up language, time zone and your agent in three steps, /help lists the commands.",
		"zh-CN":
			"欢迎！您正在使用免费套餐：每天 {tokens} tokens。用 /start 三步设置语言、时区和智能体，用 /help 查看命令。",
		ru: "Добро пожаловать! У вас бесплатный тариф: {tokens} токенов в день. /start за три шага настроит язык, часовой пояс и агента, /help покажет команды.",
	},
	offerAgents: {
		en: "This sounds like work for a specialist. One tap and it answers here from now on:",
		"zh-CN": "这个话题有专门的智能体。点一下，之后就由它在这里回答：",
		ru: "Похоже, здесь пригодится специалист. Одно нажатие, и дальше здесь отвечает он:",
	},
	offerRow: { en: "**{title}**: {summary}", "zh-CN": "**{title}**：{summary}", ru: "**{title}**: {summary}" },
	offerSkills: { en: "Skills: {skills}", "zh-CN": "技能：{skills}", ru: "Навыки: {skills}" },
	stopped: {
		en: "Stopped. Only what you see was charged.",
		"zh-CN": "已停止。只计入您已看到的内容。",
		ru: "Остановлено. Списано только за то, что вы видите.",
	},
	stoppedBeforeText: {
		en: "Stopped before the answer began. Nothing was charged.",
		"zh-CN": "在回答开始前已停止，未扣除任何额度。",
		ru: "Остановлено до начала ответа. Ничего не списано.",
	},
	cut: {
		en: "The connection to the model broke off here. /retry repeats the question and gives back what this answer cost.",
		"zh-CN": "与模型的连接在此中断。用 /retry 可重新提问，并退还本次回答的费用。",
		ru: "На этом месте связь с моделью оборвалась. /retry повторит вопрос и вернёт стоимость этого ответа.",
	},
	tooLong: {
		en: "The answer reached its length limit. Write “continue” for the rest.",
		"zh-CN": "回答已达到长度上限。发送“继续”以获取其余内容。",
		ru: "Ответ достиг предельной длины. Напишите «продолжай», чтобы получить остальное.",
	},
	emptyAnswer: {
		en: "The model answered with nothing. Put the question differently, or try /retry.",
		"zh-CN": "模型没有返回任何内容。请换一种问法，或用 /retry 重试。",
		ru: "Модель ничего не ответила. Сформулируйте вопрос иначе или попробуйте /retry.",
	},
	refunded: {
		en: "The failed answer was refunded; this is the new one.",
		"zh-CN": "失败的回答已退款，以下是新的回答。",
		ru: "За неудачный ответ токены возвращены; вот новый.",
	},
} as const satisfies Record<string, Text>;
