import type { ErrorCode } from "../errors.ts";
import type { ErrorText } from "./errors.ts";

/** What a program is told by code, where the words for a chat would send it to a command. */
export const gatewayErrorTexts: Readonly<Partial<Record<ErrorCode, ErrorText>>> = {
	ROUTER_NO_PROVIDER: {
		what: {
			en: "No provider can answer right now.",
			"zh-CN": "目前没有服务商可以答复。",
			ru: "Сейчас ни один поставщик не может ответить.",
		},
		next: {
			en: "Send the request again in a minute, or ask for another model. What was not delivered was not charged.",
			"zh-CN": "请一分钟后重新发送请求，或换用其他模型。未交付的部分不计费。",
			ru: "Повторите запрос через минуту или укажите другую модель. За недоставленное плата не списана.",
		},
	},
	ROUTER_TIMEOUT: {
		what: {
			en: "The provider did not answer in time.",
			"zh-CN": "服务商没有及时答复。",
			ru: "Поставщик не ответил вовремя.",
		},
		next: {
			en: "Send the request again. What was not delivered was not charged.",
			"zh-CN": "请重新发送请求。未交付的部分不计费。",
			ru: "Повторите запрос. За недоставленное плата не списана.",
		},
	},
	ROUTER_RATE_LIMITED: {
		what: {
			en: "The providers ask for a pause.",
			"zh-CN": "服务商要求稍候。",
			ru: "Поставщики просят сделать паузу.",
		},
		next: {
			en: "Send the request again after the time Retry-After names. What was not delivered was not charged.",
			"zh-CN": "请在 Retry-After 指定的时间后重新发送请求。未交付的部分不计费。",
			ru: "Повторите запрос через время, указанное в Retry-After. За недоставленное плата не списана.",
		},
	},
	BILLING_QUOTA_EXCEEDED: {
		what: {
			en: "The tokens of this account for this period are used up.",
			"zh-CN": "此账户本期的 token 额度已用完。",
			ru: "Токены этого аккаунта на период израсходованы.",
		},
		next: {
			en: "Wait for the next period (GET /v1/usage shows when it starts), ask for a shorter answer, or get a bigger plan.",
			"zh-CN": "请等待下一周期（GET /v1/usage 可查看开始时间），请求更短的回复，或升级套餐。",
			ru: "Дождитесь следующего периода (его начало показывает GET /v1/usage), запросите ответ короче или возьмите тариф больше.",
		},
	},
	BILLING_SUBSCRIPTION_INACTIVE: {
		what: {
			en: "The account of this key has no active subscription.",
			"zh-CN": "此密钥的账户没有有效的订阅。",
			ru: "У аккаунта этого ключа нет активной подписки.",
		},
		next: {
			en: "Activate a plan in the chat with the bot, or ask whoever gave you the key.",
			"zh-CN": "请在与机器人的聊天中开通套餐，或联系为您提供密钥的人。",
			ru: "Включите тариф в чате с ботом или обратитесь к тому, кто выдал ключ.",
		},
	},
	AUTH_INVALID_CREDENTIALS: {
		what: {
			en: "The API key is missing, wrong, expired or revoked.",
			"zh-CN": "API 密钥缺失、错误、已过期或已吊销。",
			ru: "Ключ API не передан, неверен, истёк или отозван.",
		},
		next: {
			en: "Send exactly one live key, as Authorization: Bearer KEY or as x-api-key. The chat with the bot makes new ones.",
			"zh-CN":
				"请只发送一个有效密钥：Authorization: Bearer 密钥，或 x-api-key。新密钥可在与机器人的聊天中创建。",
			ru: "Передайте ровно один действующий ключ: Authorization: Bearer КЛЮЧ или x-api-key. Новые создаёт чат с ботом.",
		},
	},
	RATE_LIMITED: {
		what: {
			en: "Too many requests with this key or this account.",
			"zh-CN": "此密钥或账户的请求过多。",
			ru: "Слишком много запросов с этим ключом или аккаунтом.",
		},
		next: {
			en: "Send the request again after the time Retry-After names.",
			"zh-CN": "请在 Retry-After 指定的时间后重新发送请求。",
			ru: "Повторите запрос через время, указанное в Retry-After.",
		},
	},
	INTERNAL: {
		what: {
			en: "Something broke on our side.",
			"zh-CN": "我们这边出了点问题。",
			ru: "Что-то сломалось на нашей стороне.",
		},
		next: {
			en: "Send the request again; if it fails again, give support the request id.",
			"zh-CN": "请重新发送请求；若再次失败，请将请求编号告知客服。",
			ru: "Повторите запрос; если не поможет, сообщите поддержке номер запроса.",
		},
	},
	REQUEST_INVALID: {
		what: {
			en: "The request cannot be understood.",
			"zh-CN": "无法理解该请求。",
			ru: "Запрос не удалось разобрать.",
		},
		next: {
			en: "Correct the request and send it again. What is understood stands in docs/gateway.md.",
			"zh-CN": "请更正请求后重新发送。支持的内容见 docs/gateway.md。",
			ru: "Исправьте запрос и отправьте его снова. Что поддерживается, описано в docs/gateway.md.",
		},
	},
};
