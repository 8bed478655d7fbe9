import type { Text } from "./say.ts";

/** The three steps of /start. Steps with two questions count as one. */
export const onboardingTexts = {
	hello: {
		en: "Hello! Three short steps and I am set up for you. /cancel leaves at any time.\n\n**Step 1 of 3** · Choose your language:",
		"zh-CN": "您好！只需三步即可完成设置，随时可用 /cancel 退出。\n\n**第 1 步，共 3 步** · 请选择语言：",
		ru: "Здравствуйте! Три коротких шага — и я настроен под вас. Выйти можно в любой момент: /cancel.\n\n**Шаг 1 из 3** · Выберите язык:",
	},
	languageAgain: {
		en: "I speak English, 中文 and русский. Please choose one of them:",
		"zh-CN": "我会 English、中文和 русский，请选择其中一种：",
		ru: "Я говорю на English, 中文 и по-русски. Выберите один из них:",
	},
	zone: {
		en: "**Step 1 of 3** · Where are you? Your daily tokens come at your midnight. Choose a city, or write one, or an offset such as UTC+1.",
		"zh-CN":
			"**第 1 步，共 3 步** · 您在哪里？每日额度在当地零点发放。请选择城市，或直接填写城市名或时差，例如 UTC+8。",
		ru: "**Шаг 1 из 3** · Где вы? Токены на день приходят в вашу полночь. Выберите город, напишите свой или укажите смещение, например UTC+3.",
	},
	zoneKeep: { en: "Keep {zone}", "zh-CN": "保持 {zone}", ru: "Оставить {zone}" },
	zoneMany: {
		en: "Several places fit {text}. Which one?",
		"zh-CN": "有多个地点符合 {text}，请选择：",
		ru: "Под {text} подходит несколько мест. Какое из них?",
	},
	zoneAgain: {
		en: "I do not know the place {text}. Write a bigger city nearby or an offset such as UTC+1, or choose one:",
		"zh-CN": "我不认识 {text}。请填写附近的大城市或时差（如 UTC+8），或从下面选择：",
		ru: "Я не знаю места {text}. Напишите город покрупнее рядом или смещение, например UTC+3, или выберите:",
	},
	goal: {
		en: "**Step 2 of 3** · What do you want to do? Write it in your own words, or choose a helper:",
		"zh-CN": "**第 2 步，共 3 步** · 您想做什么？请用自己的话告诉我，或选择一个助手：",
		ru: "**Шаг 2 из 3** · Чем хотите заняться? Напишите своими словами или выберите помощника:",
	},
	goalRow: {
		en: "- **{title}**: {summary}",
		"zh-CN": "- **{title}**：{summary}",
		ru: "- **{title}**: {summary}",
	},
	goalChat: { en: "Just chat", "zh-CN": "随便聊聊", ru: "Просто общаться" },
	tier: {
		en: "**Step 3 of 3** · Please check:\n- Language: {language}\n- Place: {place}\n- Who answers: {agent}\n\nChoose how I should answer, and we are done:",
		"zh-CN":
			"**第 3 步，共 3 步** · 请确认：\n- 语言：{language}\n- 地点：{place}\n- 由谁回答：{agent}\n\n请选择回答方式，即可完成：",
		ru: "**Шаг 3 из 3** · Проверьте:\n- Язык: {language}\n- Место: {place}\n- Кто отвечает: {agent}\n\nВыберите, как мне отвечать, и всё готово:",
	},
	tierRow: {
		en: "- **{title}**: {summary}",
		"zh-CN": "- **{title}**：{summary}",
		ru: "- **{title}**: {summary}",
	},
	tierAgain: {
		en: "Please choose one of the three:",
		"zh-CN": "请从以下三项中选择：",
		ru: "Выберите один из трёх вариантов:",
	},
	plainAgent: { en: "Plain assistant", "zh-CN": "普通助手", ru: "Обычный помощник" },
	textOnly: {
		en: "Please answer with words or press a button. /cancel leaves the setup.",
		"zh-CN": "请用文字回答或按按钮。用 /cancel 可退出设置。",
		ru: "Ответьте словами или нажмите кнопку. Выйти из настройки: /cancel.",
	},
	staleButton: {
		en: "That button belongs to an earlier question. This one is open:",
		"zh-CN": "该按钮属于之前的问题。当前问题是：",
		ru: "Эта кнопка от прежнего вопроса. Сейчас открыт этот:",
	},
	cancelled: {
		en: "All right, the setup is left. You can write to me at once; /start brings it back.",
		"zh-CN": "好的，已退出设置。您可以直接给我发消息；用 /start 可重新开始设置。",
		ru: "Хорошо, настройка прервана. Можете сразу писать мне; вернуться к ней: /start.",
	},
	done: {
		en: "Done, I am set up: **{tier}**, answered by **{agent}**. Write to me about anything. /help shows what else I can do, /usage what it costs.",
		"zh-CN":
			"设置完成：档位 **{tier}**，由 **{agent}** 回答。现在可以直接和我聊了。/help 查看更多功能，/usage 查看用量。",
		ru: "Готово: режим «{tier}», отвечает **{agent}**. Пишите о чём угодно. Что ещё я умею — /help, сколько это стоит — /usage.",
	},
	zoneKept: {
		en: "Your time zone stays {zone}: it was changed less than 30 days ago.",
		"zh-CN": "时区仍为 {zone}：30 天内已修改过一次。",
		ru: "Часовой пояс остаётся {zone}: его меняли меньше 30 дней назад.",
	},
	zoneLater: {
		en: "Your time zone {zone} counts from {when}.",
		"zh-CN": "时区 {zone} 自 {when} 起生效。",
		ru: "Часовой пояс {zone} начнёт действовать {when}.",
	},
} as const satisfies Record<string, Text>;
