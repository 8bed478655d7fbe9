import type { Text } from "./say.ts";

/** What a person reads when messages were too many, too old, or could not be answered. */
export const deliveryTexts = {
	dead: {
		en: "Something went wrong on our side, and your message could not be answered. Nothing was charged for it. Press Resend to try again, or simply write it again.",
		"zh-CN":
			"我们这边出了问题，未能回复您的这条消息，也没有产生任何费用。请点击“重新发送”再试一次，或直接重新输入。",
		ru: "На нашей стороне произошла ошибка, и на ваше сообщение не удалось ответить. Оплата за него не списана. Нажмите «Отправить снова» или просто напишите его ещё раз.",
	},
	resend: { en: "Resend", "zh-CN": "重新发送", ru: "Отправить снова" },
	overflow: {
		en: "Too many messages at once: the last ones were not accepted. I am still answering the earlier ones. Please wait for those answers, then send the rest again.",
		"zh-CN":
			"您发送的消息太多，最近的几条没有被接收。我仍在回复之前的消息，请等这些回复完成后，再重新发送其余内容。",
		ru: "Слишком много сообщений сразу: последние не приняты. Я ещё отвечаю на предыдущие. Дождитесь ответов и отправьте остальные снова.",
	},
	backlog: {
		en: "I was unavailable for a while, and too many messages were waiting. Only the latest {count} will be answered; this one and other earlier ones will not. Please send again what still matters.",
		"zh-CN":
			"我有一段时间无法使用，积压的消息太多。只会回复最近的 {count} 条，这条以及更早的其他消息将不再回复。如仍需要，请重新发送。",
		ru: "Некоторое время я был недоступен, и накопилось слишком много сообщений. Я отвечу только на последние {count}; это и другие более ранние останутся без ответа. Отправьте ещё раз то, что по-прежнему важно.",
	},
	lateHours: {
		en: "_Late answer to your message of {hours} h ago. Sorry for the wait._",
		"zh-CN": "_这是对您 {hours} 小时前消息的迟到回复，抱歉让您久等。_",
		ru: "_Ответ с опозданием на ваше сообщение, отправленное {hours} ч назад. Извините за ожидание._",
	},
	stopped: { en: "Stopped.", "zh-CN": "已停止。", ru: "Остановлено." },
} as const satisfies Record<string, Text>;
