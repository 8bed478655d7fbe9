import type { ErrorText } from "./errors.ts";
import { gatewayReasonTexts } from "./gateway.ts";
import { instanceReasonTexts } from "./instance-reasons.ts";

/**
 * Words for `details.reason` of an AppError, where one code covers causes that ask for different steps. A reason without
 * a row here gets the words of its code.
 */
export const reasonTexts: Readonly<Record<string, ErrorText>> = {
	...gatewayReasonTexts,
	...instanceReasonTexts,
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
			en: "Say how many tokens a day it gives. For 2 months and 20,000 a day: /issue PLAN 2 20000",
			"zh-CN": "请注明每天的 token 数量，例如 2 个月、每天 20,000：/issue 套餐 2 20000",
			ru: "Укажите, сколько токенов в день он даёт. На 2 месяца по 20 000 в день: /issue ТАРИФ 2 20000",
		},
	},
	"tier-unserved": {
		what: {
			en: "No AI service is set up here for your tier.",
			"zh-CN": "这里还没有适合您所选档位的 AI 服务。",
			ru: "Для вашего режима здесь не подключён ни один ИИ-сервис.",
		},
		next: {
			en: "Choose another tier with /tier and send /retry. You were not charged.",
			"zh-CN": "请用 /tier 换一个档位，然后发送 /retry。本次没有扣费。",
			ru: "Выберите другой режим командой /tier и отправьте /retry. Плата не списана.",
		},
	},
	"quota-short": {
		what: {
			en: "You have {left} tokens left, but this question with what we talked about before needs at least {needed}.",
			"zh-CN": "您还剩 {left} token，但这个问题连同之前的对话至少需要 {needed}。",
			ru: "У вас осталось токенов: {left}, а этому вопросу вместе с прежним разговором нужно не меньше {needed}.",
		},
		next: {
			en: "Begin anew with /new, or ask in fewer words: both need fewer tokens. Or wait for your next tokens, or get a bigger plan: /plan.",
			"zh-CN":
				"请用 /new 开始新对话，或缩短问题，这样所需的 token 更少；也可以等待新的额度，或升级套餐：/plan。",
			ru: "Начните заново командой /new или спросите короче: так токенов нужно меньше. Или дождитесь новых токенов либо возьмите тариф побольше: /plan.",
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
	"key-network": {
		what: {
			en: "This key may not be used from your network address.",
			"zh-CN": "此密钥不允许从您的网络地址使用。",
			ru: "С вашего сетевого адреса этим ключом пользоваться нельзя.",
		},
		next: {
			en: "Call from a network the key was made for, or make another key: /key new.",
			"zh-CN": "请从该密钥允许的网络调用，或创建新的密钥：/key new。",
			ru: "Обращайтесь из сети, для которой выдан ключ, или создайте другой: /key new.",
		},
	},
	"key-gateway-only": {
		what: {
			en: "This key has limits of its own and is for the model gateway only.",
			"zh-CN": "此密钥有单独的限制，仅可用于模型网关。",
			ru: "У этого ключа свои ограничения, он годится только для шлюза моделей.",
		},
		next: {
			en: "Use it at /v1/chat/completions or /v1/messages, or make a key for the chat: /key new.",
			"zh-CN": "请在 /v1/chat/completions 或 /v1/messages 使用它，或为聊天创建密钥：/key new。",
			ru: "Используйте его в /v1/chat/completions или /v1/messages либо создайте ключ для чата: /key new.",
		},
	},
	"key-daily-cap": {
		what: {
			en: "This key has spent what it may spend in a day.",
			"zh-CN": "此密钥已达到每日用量上限。",
			ru: "Этот ключ израсходовал свой дневной предел.",
		},
		next: {
			en: "Wait for the next day, or use a key with a higher cap.",
			"zh-CN": "请等到下一天，或使用上限更高的密钥。",
			ru: "Дождитесь следующего дня или возьмите ключ с пределом побольше.",
		},
	},
	"key-idle-cap": {
		what: {
			en: "This key has spent what it may spend in an hour on calls nobody asked for.",
			"zh-CN": "此密钥已达到每小时自动调用的用量上限。",
			ru: "Этот ключ израсходовал часовой предел на вызовы, о которых никто не просил.",
		},
		next: {
			en: "Wait for the next hour, let background checks run less often, or raise the cap.",
			"zh-CN": "请等到下一小时，降低后台巡检频率，或提高上限。",
			ru: "Дождитесь следующего часа, сделайте фоновые проверки реже или поднимите предел.",
		},
	},
	"own-code": {
		what: {
			en: "This code was made by this very account.",
			"zh-CN": "这个绑定码就是由此账户生成的。",
			ru: "Этот код выдан этим же аккаунтом.",
		},
		next: {
			en: "Send it to me in the other chat that you want to join.",
			"zh-CN": "请在您想接入的另一个聊天中把它发给我。",
			ru: "Пришлите его мне в том чате, который хотите подключить.",
		},
	},
	"account-has-plan": {
		what: {
			en: "This chat's own account has a paid plan or bought tokens, which would be lost by joining.",
			"zh-CN": "此聊天自己的账户有付费套餐或已购额度，接入后会丢失。",
			ru: "У этого чата свой аккаунт с платным тарифом или купленными токенами, при подключении они пропали бы.",
		},
		next: {
			en: "Make the code here with /link and use it in the other chat, or ask support to move the plan.",
			"zh-CN": "请在这里用 /link 生成绑定码，到另一个聊天中使用，或请客服迁移套餐。",
			ru: "Создайте код здесь командой /link и введите его в другом чате или попросите поддержку перенести тариф.",
		},
	},
	"account-busy": {
		what: {
			en: "An answer is still running on this chat's account.",
			"zh-CN": "此聊天的账户还有正在进行的回答。",
			ru: "В аккаунте этого чата ещё выполняется ответ.",
		},
		next: {
			en: "Wait two minutes and send the code again; it is still good.",
			"zh-CN": "请等待两分钟后再次发送绑定码，它仍然有效。",
			ru: "Подождите две минуты и пришлите код снова: он ещё действует.",
		},
	},
	"people-only": {
		what: {
			en: "Programs may not do this with an API key.",
			"zh-CN": "程序不能用 API 密钥执行此操作。",
			ru: "Программа с ключом API этого делать не может.",
		},
		next: {
			en: "Do it yourself in a chat with the bot.",
			"zh-CN": "请您本人在与机器人的聊天中操作。",
			ru: "Сделайте это сами в чате с ботом.",
		},
	},
	"code-in-group": {
		what: {
			en: "Codes are taken in private chats only; this one is worthless now.",
			"zh-CN": "绑定码只能在私聊中使用，此码现已作废。",
			ru: "Коды принимаются только в личных чатах; этот больше не действует.",
		},
		next: {
			en: "Get a new code and send it to me in a private chat.",
			"zh-CN": "请重新获取绑定码，并在私聊中发给我。",
			ru: "Получите новый код и пришлите его мне в личном чате.",
		},
	},
	"too-long": {
		what: {
			en: "This is too long for the AI service, together with what we talked about before.",
			"zh-CN": "这条消息连同之前的对话超出了 AI 服务的长度限制。",
			ru: "Вместе с прежним разговором это слишком длинно для ИИ-сервиса.",
		},
		next: {
			en: "Make it shorter or begin anew with /new. You were not charged.",
			"zh-CN": "请缩短内容，或用 /new 开始新对话。本次没有扣费。",
			ru: "Сократите сообщение или начните заново: /new. Плата не списана.",
		},
	},
	"provider-refused": {
		what: {
			en: "The AI service does not accept this message.",
			"zh-CN": "AI 服务不接受这条消息。",
			ru: "ИИ-сервис не принимает это сообщение.",
		},
		next: {
			en: "Make it shorter or put it in other words, or begin anew with /new. You were not charged.",
			"zh-CN": "请缩短或换一种说法，或用 /new 开始新对话。本次没有扣费。",
			ru: "Сократите или перефразируйте его либо начните заново: /new. Плата не списана.",
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
