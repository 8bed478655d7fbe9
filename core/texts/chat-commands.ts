import type { Text } from "./say.ts";

/** /new, /stop, /retry, /last, /cancel. */
export const chatTexts = {
	forgotten: {
		en: "A new conversation. I have forgotten what we talked about here.",
		"zh-CN": "新对话已开始。我已忘记之前在这里聊过的内容。",
		ru: "Новый разговор. Всё, о чём мы здесь говорили, я забыл.",
	},
	stopped: {
		en: "Stopped. You pay only for what was written.",
		"zh-CN": "已停止。只对已生成的内容计费。",
		ru: "Остановлено. Вы платите только за написанное.",
	},
	nothingToStop: {
		en: "Nothing of yours is running here.",
		"zh-CN": "这里没有您正在进行的回答。",
		ru: "Здесь сейчас ничего вашего не выполняется.",
	},
	nothingToRetry: {
		en: "There is no message of yours here that I could repeat. Just write it again.",
		"zh-CN": "这里没有可重试的消息，请直接重新发送。",
		ru: "Здесь нет вашего сообщения, которое можно повторить. Просто напишите его снова.",
	},
	nothingLast: {
		en: "There is no earlier answer here.",
		"zh-CN": "这里没有之前的回答。",
		ru: "Прежних ответов здесь нет.",
	},
	lastFailed: {
		en: "Your last message got no answer. /retry repeats it.",
		"zh-CN": "您的上一条消息没有得到回答。用 /retry 重试。",
		ru: "Ваше последнее сообщение осталось без ответа. Повторить: /retry.",
	},
	cancelled: {
		en: "Cancelled. Nothing was changed.",
		"zh-CN": "已取消，没有做任何更改。",
		ru: "Отменено. Ничего не изменено.",
	},
	nothingToCancel: {
		en: "There is nothing to cancel. /stop ends a running answer.",
		"zh-CN": "没有需要取消的步骤。用 /stop 可停止正在生成的回答。",
		ru: "Отменять нечего. Остановить ответ: /stop.",
	},
} as const satisfies Record<string, Text>;

/** Toasts and answers of pressed buttons. A toast is at most 200 characters. */
export const actionTexts = {
	expired: {
		en: "This button no longer works. Please ask again.",
		"zh-CN": "此按钮已失效，请重新操作。",
		ru: "Эта кнопка больше не действует. Повторите запрос.",
	},
	privately: {
		en: "Please write to me in a private chat for this.",
		"zh-CN": "此操作请在私聊中进行。",
		ru: "Для этого напишите мне в личном чате.",
	},
	resending: {
		en: "Your message is in the queue again.",
		"zh-CN": "您的消息已重新排队。",
		ru: "Ваше сообщение снова в очереди.",
	},
} as const satisfies Record<string, Text>;
