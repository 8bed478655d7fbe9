import type { Text } from "./say.ts";

/** What a person sent, in the sentence "I cannot … {media} yet". */
export const mediaTexts = {
	photo: { en: "look at photos", "zh-CN": "查看图片", ru: "смотреть фото" },
	voice: { en: "listen to voice messages", "zh-CN": "收听语音消息", ru: "слушать голосовые сообщения" },
	audio: { en: "listen to audio", "zh-CN": "收听音频", ru: "слушать аудио" },
	video: { en: "watch videos", "zh-CN": "观看视频", ru: "смотреть видео" },
	file: { en: "read files", "zh-CN": "读取文件", ru: "читать файлы" },
	sticker: { en: "understand stickers", "zh-CN": "理解贴纸", ru: "понимать стикеры" },
	location: { en: "use locations", "zh-CN": "使用位置信息", ru: "работать с геопозицией" },
	contact: { en: "use contacts", "zh-CN": "使用名片", ru: "работать с контактами" },
	other: {
		en: "use this kind of message",
		"zh-CN": "处理此类消息",
		ru: "работать с сообщениями такого вида",
	},
} as const satisfies Record<string, Text>;

export const mediaAnswerTexts = {
	unsupported: {
		en: "I cannot {media} yet, only text. {hint} Nothing was charged.",
		"zh-CN": "我暂时无法{media}，只支持文字。{hint}本次没有扣费。",
		ru: "Я пока не умею {media}, только читать текст. {hint} Плата не списана.",
	},
	hintDescribe: {
		en: "Describe in words what it shows and what you want to know.",
		"zh-CN": "请用文字描述内容以及您想了解什么。",
		ru: "Опишите словами, что там и что вы хотите узнать.",
	},
	hintWrite: {
		en: "Write it to me as text.",
		"zh-CN": "请改用文字发给我。",
		ru: "Напишите мне это текстом.",
	},
	hintPaste: {
		en: "Copy the part that matters into a message.",
		"zh-CN": "请把重要部分复制到消息里。",
		ru: "Скопируйте нужную часть в сообщение.",
	},
	captionOnly: {
		en: "_I cannot {media} yet, so this answers only the words you wrote with it._",
		"zh-CN": "_我暂时无法{media}，以下仅回答您附带的文字。_",
		ru: "_Я пока не умею {media}, поэтому отвечаю только на подпись._",
	},
} as const satisfies Record<string, Text>;
