import type { Text } from "./say.ts";

/** What a program is told beyond the words of its error code. Each sentence about what happened has a "Next" beside it. */
export const httpTexts = {
	notFound: {
		en: "There is nothing at this address.",
		"zh-CN": "此地址不存在。",
		ru: "По этому адресу ничего нет.",
	},
	notFoundNext: {
		en: "Check the path. The addresses are listed in docs/http-api.md.",
		"zh-CN": "请检查路径。所有地址见 docs/http-api.md。",
		ru: "Проверьте путь. Список адресов есть в docs/http-api.md.",
	},
	methodNotAllowed: {
		en: "This address does not accept that method.",
		"zh-CN": "此地址不支持该请求方法。",
		ru: "Этот адрес не принимает такой метод.",
	},
	methodNotAllowedNext: {
		en: "Use one of the methods named in the Allow header.",
		"zh-CN": "请使用 Allow 响应头中列出的方法。",
		ru: "Используйте один из методов, названных в заголовке Allow.",
	},
	bodyTooLarge: {
		en: "The request body is too large.",
		"zh-CN": "请求体过大。",
		ru: "Тело запроса слишком большое.",
	},
	bodyTooLargeNext: {
		en: "Send at most {bytesMax} bytes.",
		"zh-CN": "请求体最多 {bytesMax} 字节。",
		ru: "Отправляйте не больше {bytesMax} байт.",
	},
	bodyTooSlow: {
		en: "The request body did not arrive in time.",
		"zh-CN": "请求体未能及时送达。",
		ru: "Тело запроса не пришло вовремя.",
	},
	bodyTooSlowNext: {
		en: "Check the connection and send the request again.",
		"zh-CN": "请检查网络连接后重新发送请求。",
		ru: "Проверьте соединение и отправьте запрос ещё раз.",
	},
	contentType: {
		en: "The body must be JSON in UTF-8.",
		"zh-CN": "请求体必须是 UTF-8 编码的 JSON。",
		ru: "Тело запроса должно быть в формате JSON в кодировке UTF-8.",
	},
	contentTypeNext: {
		en: "Send the header Content-Type: application/json and no Content-Encoding.",
		"zh-CN": "请发送请求头 Content-Type: application/json，且不要使用 Content-Encoding。",
		ru: "Отправьте заголовок Content-Type: application/json без Content-Encoding.",
	},
	jsonInvalid: {
		en: "The body is not valid JSON.",
		"zh-CN": "请求体不是有效的 JSON。",
		ru: "Тело запроса не является корректным JSON.",
	},
	jsonInvalidNext: {
		en: 'Send one JSON object, such as {"message":"Hello"}.',
		"zh-CN": '请发送一个 JSON 对象，例如 {"message":"你好"}。',
		ru: 'Отправьте один объект JSON, например {"message":"Привет"}.',
	},
	fieldInvalid: {
		en: 'The field "{field}" is missing, unknown or has a wrong value.',
		"zh-CN": "字段“{field}”缺失、未知或取值有误。",
		ru: "Поле «{field}» отсутствует, неизвестно или имеет неверное значение.",
	},
	fieldInvalidNext: {
		en: "Correct the field. All fields and their limits are listed in docs/http-api.md.",
		"zh-CN": "请更正该字段。所有字段及限制见 docs/http-api.md。",
		ru: "Исправьте поле. Все поля и ограничения описаны в docs/http-api.md.",
	},
	idempotencyKeyInvalid: {
		en: "The Idempotency-Key header is not usable.",
		"zh-CN": "Idempotency-Key 请求头无效。",
		ru: "Заголовок Idempotency-Key нельзя использовать.",
	},
	idempotencyKeyInvalidNext: {
		en: "Send it once, with 1 to 255 visible ASCII characters and no spaces; a random UUID is a good choice.",
		"zh-CN": "请只发送一次，长度为 1 到 255 个可见 ASCII 字符且不含空格；推荐使用随机 UUID。",
		ru: "Передайте его один раз: от 1 до 255 видимых символов ASCII без пробелов; хорошо подходит случайный UUID.",
	},
	idempotencyConflict: {
		en: "This Idempotency-Key was already used with a different request.",
		"zh-CN": "该 Idempotency-Key 已用于另一个不同的请求。",
		ru: "Этот Idempotency-Key уже использован с другим запросом.",
	},
	idempotencyConflictNext: {
		en: "Use a new key for a new request; repeat a key only with the very same message.",
		"zh-CN": "新的请求请使用新的键；只有完全相同的消息才能重复使用同一个键。",
		ru: "Для нового запроса возьмите новый ключ; повторять ключ можно только с тем же самым сообщением.",
	},
	laneFull: {
		en: "Too many messages are already waiting in this conversation.",
		"zh-CN": "此对话中等待处理的消息过多。",
		ru: "В этом разговоре уже ждёт слишком много сообщений.",
	},
	laneFullNext: {
		en: "Wait for the answers that are on their way, then send the message again with a new Idempotency-Key.",
		"zh-CN": "请等待正在处理的回复，然后使用新的 Idempotency-Key 重新发送。",
		ru: "Дождитесь ответов на отправленные сообщения, затем повторите запрос с новым Idempotency-Key.",
	},
	tooManyRequests: {
		en: "This key has made too many requests in the last minute.",
		"zh-CN": "此密钥在过去一分钟内的请求过多。",
		ru: "С этим ключом за последнюю минуту пришло слишком много запросов.",
	},
	tooManyRequestsNext: {
		en: "Wait for the time in the Retry-After header, then try again.",
		"zh-CN": "请等待 Retry-After 响应头给出的时间后再试。",
		ru: "Подождите время, указанное в заголовке Retry-After, и повторите запрос.",
	},
	tooManyStreams: {
		en: "This account has as many streams open as it may.",
		"zh-CN": "此账户打开的数据流已达上限。",
		ru: "У этого аккаунта открыто столько потоков, сколько разрешено.",
	},
	tooManyStreamsNext: {
		en: "Close one of them first.",
		"zh-CN": "请先关闭其中一个。",
		ru: "Сначала закройте один из них.",
	},
	stillRunning: {
		en: "The answer is not ready yet. The message is stored and work on it goes on.",
		"zh-CN": "回复尚未完成。消息已保存，处理仍在继续。",
		ru: "Ответ ещё не готов. Сообщение сохранено, и работа над ним продолжается.",
	},
	stillRunningNext: {
		en: "Send the same request again with the Idempotency-Key of this response to fetch the answer. It is not charged twice.",
		"zh-CN": "请使用本响应中的 Idempotency-Key 重新发送相同的请求以获取回复，不会重复计费。",
		ru: "Чтобы получить ответ, отправьте тот же запрос с Idempotency-Key из этого ответа. Дважды он не оплачивается.",
	},
	storeUnavailable: {
		en: "The service cannot store messages at the moment.",
		"zh-CN": "服务暂时无法保存消息。",
		ru: "Сервис сейчас не может сохранить сообщение.",
	},
	storeUnavailableNext: {
		en: "Send the same request again in a few seconds, with the same Idempotency-Key.",
		"zh-CN": "请在几秒后使用相同的 Idempotency-Key 重新发送该请求。",
		ru: "Повторите тот же запрос через несколько секунд с тем же Idempotency-Key.",
	},
	badRequest: {
		en: "The request is not correct HTTP.",
		"zh-CN": "该请求不是有效的 HTTP 请求。",
		ru: "Запрос не соответствует протоколу HTTP.",
	},
	badRequestNext: {
		en: "Send the request with an ordinary HTTP/1.1 client.",
		"zh-CN": "请使用标准的 HTTP/1.1 客户端发送请求。",
		ru: "Отправьте запрос обычным клиентом HTTP/1.1.",
	},
	headersTooLarge: {
		en: "The request headers are too large or too many.",
		"zh-CN": "请求头过大或过多。",
		ru: "Заголовки запроса слишком большие, или их слишком много.",
	},
	headersTooLargeNext: {
		en: "Send fewer headers: at most 16 KiB and 100 fields.",
		"zh-CN": "请减少请求头：总共不超过 16 KiB、100 个字段。",
		ru: "Сократите заголовки: не больше 16 КиБ и 100 полей.",
	},
} as const satisfies Record<string, Text>;
