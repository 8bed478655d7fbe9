import type { ErrorText } from "./errors.ts";
import { httpTexts } from "./http.ts";

/** What a program that calls the gateway is told, by `details.reason` or `details.problem`; before the words for a chat. */
export const gatewayReasonTexts: Readonly<Record<string, ErrorText>> = {
	"json-invalid": {
		what: {
			en: "The body is not one valid JSON object.",
			"zh-CN": "请求体不是一个有效的 JSON 对象。",
			ru: "Тело запроса не является одним корректным объектом JSON.",
		},
		next: {
			en: "Send the request as your SDK makes it, with Content-Type: application/json.",
			"zh-CN": "请按 SDK 的方式发送请求，并使用 Content-Type: application/json。",
			ru: "Отправьте запрос так, как его составляет ваш SDK, с заголовком Content-Type: application/json.",
		},
	},
	"json-too-deep": {
		what: {
			en: "The body is nested too deeply.",
			"zh-CN": "请求体嵌套层数过多。",
			ru: "В теле запроса слишком глубокая вложенность.",
		},
		next: {
			en: "Use at most 32 levels; simplify the schema of a tool, for example.",
			"zh-CN": "最多 32 层；例如请简化工具的 schema。",
			ru: "Допустимо не больше 32 уровней; упростите, например, схему инструмента.",
		},
	},
	"field-invalid": {
		what: {
			en: "The field {field} is missing or has a value that cannot be used.",
			"zh-CN": "字段 {field} 缺失或取值不可用。",
			ru: "Поле {field} отсутствует или имеет недопустимое значение.",
		},
		next: {
			en: "Correct it. What translates and what does not stands in docs/gateway.md.",
			"zh-CN": "请更正该字段。支持的字段见 docs/gateway.md。",
			ru: "Исправьте его. Что поддерживается, описано в docs/gateway.md.",
		},
	},
	"model-unknown": {
		what: {
			en: "There is no model of that name for this key.",
			"zh-CN": "此密钥没有该名称的模型。",
			ru: "Для этого ключа нет модели с таким именем.",
		},
		next: {
			en: "Ask for auto, smart, economy, china-ready, opus, sonnet or haiku; GET /v1/models lists the names.",
			"zh-CN": "请使用 auto、smart、economy、china-ready、opus、sonnet 或 haiku；GET /v1/models 可列出名称。",
			ru: "Укажите auto, smart, economy, china-ready, opus, sonnet или haiku; список имён даёт GET /v1/models.",
		},
	},
	"tier-not-allowed": {
		what: {
			en: "This key may not use that tier.",
			"zh-CN": "此密钥不可使用该档位。",
			ru: "Этот ключ не может использовать такой уровень.",
		},
		next: {
			en: "GET /v1/models lists what the key may ask for.",
			"zh-CN": "GET /v1/models 可列出此密钥可用的模型。",
			ru: "Что доступно ключу, показывает GET /v1/models.",
		},
	},
	"provider-refused": {
		what: {
			en: "The model refuses this very request.",
			"zh-CN": "模型拒绝了此请求。",
			ru: "Модель отклоняет именно этот запрос.",
		},
		next: {
			en: "Sending it again will not help: shorten or correct it, or ask another model.",
			"zh-CN": "重复发送无济于事：请缩短或更正请求，或换用其他模型。",
			ru: "Повтор не поможет: сократите или исправьте запрос либо выберите другую модель.",
		},
	},
	"idempotency-key-invalid": {
		what: {
			en: "The Idempotency-Key header is not usable.",
			"zh-CN": "Idempotency-Key 请求头无效。",
			ru: "Заголовок Idempotency-Key нельзя использовать.",
		},
		next: {
			en: "Send 1 to 255 visible ASCII characters without spaces, such as a random UUID.",
			"zh-CN": "请发送 1 到 255 个不含空格的可见 ASCII 字符，例如随机 UUID。",
			ru: "Передайте от 1 до 255 видимых символов ASCII без пробелов, например случайный UUID.",
		},
	},
	"idempotency-conflict": {
		what: {
			en: "This Idempotency-Key was used before, and its answer cannot be given for this request.",
			"zh-CN": "该 Idempotency-Key 已被使用，无法为此请求返回其结果。",
			ru: "Этот Idempotency-Key уже использован, и его ответ нельзя выдать на этот запрос.",
		},
		next: {
			en: "Use a new key for a new request.",
			"zh-CN": "新的请求请使用新的键。",
			ru: "Для нового запроса возьмите новый ключ.",
		},
	},
	"idempotency-running": {
		what: {
			en: "The same request is still under way.",
			"zh-CN": "相同的请求仍在处理中。",
			ru: "Такой же запрос ещё выполняется.",
		},
		next: {
			en: "Send it again a little later with the same Idempotency-Key: it is not charged twice.",
			"zh-CN": "请稍后使用相同的 Idempotency-Key 重新发送，不会重复计费。",
			ru: "Повторите его чуть позже с тем же Idempotency-Key: дважды он не оплачивается.",
		},
	},
	stopping: {
		what: {
			en: "The service is being restarted and the answer was cut.",
			"zh-CN": "服务正在重启，回复被中断。",
			ru: "Сервис перезапускается, ответ прерван.",
		},
		next: {
			en: "Send the request again: only what was delivered was charged.",
			"zh-CN": "请重新发送请求：仅对已交付的部分计费。",
			ru: "Повторите запрос: оплачено только то, что было доставлено.",
		},
	},
	"too-long": {
		what: {
			en: "The request is too long for the model.",
			"zh-CN": "请求内容超出模型的长度限制。",
			ru: "Запрос слишком длинный для модели.",
		},
		next: {
			en: "Send fewer or shorter messages, ask for a shorter answer, or ask for a model with a larger context window.",
			"zh-CN": "请减少或缩短消息、请求更短的回复，或换用上下文更大的模型。",
			ru: "Сократите сообщения или их число, запросите ответ короче или выберите модель с большим контекстным окном.",
		},
	},
	"tier-unserved": {
		what: {
			en: "No provider is set up for what was asked for.",
			"zh-CN": "没有为所请求的档位配置服务商。",
			ru: "Для запрошенного уровня не настроен ни один поставщик.",
		},
		next: {
			en: "Ask for another model: GET /v1/models lists the names. Nothing was charged.",
			"zh-CN": "请换用其他模型：GET /v1/models 可列出名称。本次未计费。",
			ru: "Укажите другую модель: список имён даёт GET /v1/models. Плата не списана.",
		},
	},
	"quota-short": {
		what: {
			en: "The account has {left} tokens left, and this request needs at least {needed}.",
			"zh-CN": "账户还剩 {left} token，此请求至少需要 {needed}。",
			ru: "На аккаунте осталось токенов: {left}, а этому запросу нужно не меньше {needed}.",
		},
		next: {
			en: "Send a shorter request, ask for a shorter answer, or wait for the next period: GET /v1/usage shows when it starts.",
			"zh-CN": "请缩短请求、请求更短的回复，或等待下一周期：GET /v1/usage 可查看开始时间。",
			ru: "Сократите запрос, запросите ответ короче или дождитесь следующего периода: его начало показывает GET /v1/usage.",
		},
	},
	"key-network": {
		what: {
			en: "This key may not be used from your network address.",
			"zh-CN": "此密钥不允许从您的网络地址使用。",
			ru: "С вашего сетевого адреса этим ключом пользоваться нельзя.",
		},
		next: {
			en: "Call from a network the key was made for, or use a key for this one.",
			"zh-CN": "请从该密钥允许的网络调用，或使用适用于此网络的密钥。",
			ru: "Обращайтесь из сети, для которой выдан ключ, или возьмите ключ для этой сети.",
		},
	},
	"body-too-large": {
		what: httpTexts.bodyTooLarge,
		next: httpTexts.bodyTooLargeNext,
	},
	"body-too-slow": {
		what: httpTexts.bodyTooSlow,
		next: httpTexts.bodyTooSlowNext,
	},
	"content-type": {
		what: httpTexts.contentType,
		next: httpTexts.contentTypeNext,
	},
	"bad-request": {
		what: httpTexts.badRequest,
		next: httpTexts.badRequestNext,
	},
	"not-found": {
		what: httpTexts.notFound,
		next: {
			en: "Check the path. The addresses are listed in docs/gateway.md.",
			"zh-CN": "请检查路径。所有地址见 docs/gateway.md。",
			ru: "Проверьте путь. Список адресов есть в docs/gateway.md.",
		},
	},
	"method-not-allowed": {
		what: httpTexts.methodNotAllowed,
		next: httpTexts.methodNotAllowedNext,
	},
};
