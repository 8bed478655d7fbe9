import type { Text } from "./say.ts";

/** What the terminal says by itself; every answer's words come from core. */
export const terminalTexts = {
	title: {
		en: "Rockpool · your own AI agent, metered",
		"zh-CN": "Rockpool · 您的专属 AI 助手，按量计费",
		ru: "Rockpool · ваш личный ИИ-агент с учётом расхода",
	},
	intro: {
		en: "Write a message and press Enter; a number presses its button.\n/help lists the commands, Ctrl-C stops an answer, /quit leaves.",
		"zh-CN":
			"输入消息后按回车发送；输入编号即按下对应按钮。\n/help 列出全部命令，Ctrl-C 停止回复，/quit 退出。",
		ru: "Напишите сообщение и нажмите Enter; чтобы нажать кнопку, введите её номер.\n/help — список команд, Ctrl-C останавливает ответ, /quit — выход.",
	},
	panel: { en: "Admin panel: {url}", "zh-CN": "管理面板：{url}", ru: "Панель управления: {url}" },
	thinking: { en: "Thinking…", "zh-CN": "思考中…", ru: "Думаю…" },
	stopping: { en: "Stopping…", "zh-CN": "正在停止…", ru: "Останавливаю…" },
	quitHint: {
		en: "Press Ctrl-C again or type /quit to leave.",
		"zh-CN": "再按一次 Ctrl-C 或输入 /quit 退出。",
		ru: "Чтобы выйти, нажмите Ctrl-C ещё раз или введите /quit.",
	},
	saved: { en: "Saved to `{path}`", "zh-CN": "已保存到 `{path}`", ru: "Сохранено в `{path}`" },
	notStored: {
		en: "Your message could not be stored, so nothing was done. Please send it again in a moment.",
		"zh-CN": "消息未能保存，因此没有执行任何操作。请稍后重新发送。",
		ru: "Сообщение не удалось сохранить, поэтому ничего не сделано. Отправьте его ещё раз чуть позже.",
	},
	notAnswered: {
		en: "There is no answer to this message. Please send it again.",
		"zh-CN": "这条消息没有得到回复，请重新发送。",
		ru: "На это сообщение нет ответа. Отправьте его ещё раз.",
	},
	notReady: {
		en: "The answer is not ready yet. It will appear here when it is; /last shows it later.",
		"zh-CN": "回复尚未完成，完成后会显示在这里；之后也可用 /last 查看。",
		ru: "Ответ ещё не готов. Он появится здесь, когда будет готов; позже его покажет /last.",
	},
	notShown: {
		en: "The answer is stored but could not be shown here. /last shows it, free of charge.",
		"zh-CN": "回复已保存，但未能在此显示。发送 /last 可免费查看。",
		ru: "Ответ сохранён, но показать его здесь не удалось. Его бесплатно покажет /last.",
	},
	tooLong: {
		en: "This line is longer than {max} characters and was not sent. Please shorten it.",
		"zh-CN": "这一行超过 {max} 个字符，未发送。请缩短后再试。",
		ru: "Строка длиннее {max} символов и не отправлена. Сократите её.",
	},
	queueFull: {
		en: "Too many lines are waiting; this one was not sent. Please send it again after the next answer.",
		"zh-CN": "等待发送的内容过多，这一行未发送。请在下一条回复后重新发送。",
		ru: "Слишком много строк ждёт отправки, эта не отправлена. Повторите её после следующего ответа.",
	},
} as const satisfies Record<string, Text>;
