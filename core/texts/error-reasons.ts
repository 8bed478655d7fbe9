import type { ErrorText } from "./errors.ts";

/**
 * Words for `details.reason` of an AppError, where one code covers causes that ask for different steps. A reason without
 * a row here gets the words of its code.
 */
export const reasonTexts: Readonly<Record<string, ErrorText>> = {
	unknown_zone: {
		what: {
			en: "I do not know this time zone.",
			"zh-CN": "我不认识这个时区。",
			ru: "Я не знаю такого часового пояса.",
		},
		next: {
			en: "Write a city or an offset: /timezone Moscow or /timezone UTC+3.",
			"zh-CN": "请写城市或时差，例如：/timezone 北京 或 /timezone UTC+8。",
			ru: "Напишите город или смещение: /timezone Москва или /timezone UTC+3.",
		},
	},
	changed_recently: {
		what: {
			en: "Your time zone was changed less than 30 days ago.",
			"zh-CN": "您的时区在 30 天内已经修改过。",
			ru: "Часовой пояс уже менялся за последние 30 дней.",
		},
		next: {
			en: "It can be changed once in 30 days; try again then, or ask support.",
			"zh-CN": "每 30 天只能修改一次，请到时再试，或联系客服。",
			ru: "Менять его можно раз в 30 дней; повторите позже или обратитесь в поддержку.",
		},
	},
	"plan-unknown": {
		what: {
			en: "There is no such plan.",
			"zh-CN": "没有这个套餐。",
			ru: "Такого тарифа нет.",
		},
		next: {
			en: "See the names of the plans with /plan.",
			"zh-CN": "请用 /plan 查看套餐名称。",
			ru: "Названия тарифов покажет /plan.",
		},
	},
	"plan-tokens-missing": {
		what: {
			en: "This plan has no fixed number of tokens.",
			"zh-CN": "此套餐没有固定的 token 数量。",
			ru: "У этого тарифа нет постоянного числа токенов.",
		},
		next: {
			en: "Say how many tokens a day it gives.",
			"zh-CN": "请注明每天的 token 数量。",
			ru: "Укажите, сколько токенов в день он даёт.",
		},
	},
	"keys-max": {
		what: {
			en: "You have as many API keys as an account may have.",
			"zh-CN": "您的 API 密钥数量已达上限。",
			ru: "У вас уже столько ключей API, сколько можно на один аккаунт.",
		},
		next: {
			en: "Revoke one you no longer need: /key lists them, /key revoke ID ends one.",
			"zh-CN": "请吊销不再需要的密钥：/key 查看列表，/key revoke 编号 吊销。",
			ru: "Отзовите ненужный: /key покажет список, /key revoke НОМЕР отзовёт ключ.",
		},
	},
	"idempotency-key-reused": {
		what: {
			en: "This Idempotency-Key was used for a different request.",
			"zh-CN": "此 Idempotency-Key 已用于另一个请求。",
			ru: "Этот Idempotency-Key уже использован для другого запроса.",
		},
		next: {
			en: "Use a new key for a new request, or repeat the first request unchanged.",
			"zh-CN": "新请求请使用新的键，或原样重发第一个请求。",
			ru: "Для нового запроса возьмите новый ключ или повторите первый запрос без изменений.",
		},
	},
};
