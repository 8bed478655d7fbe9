import type { Text } from "./say.ts";

/** /lang and /timezone. */
export const settingsTexts = {
	langNow: {
		en: "I speak English with you. Choose another language:",
		"zh-CN": "我现在用中文和您交流。您可以选择其他语言：",
		ru: "Я говорю с вами по-русски. Можно выбрать другой язык:",
	},
	langChosen: {
		en: "Done. I speak English with you from now on.",
		"zh-CN": "已设置，从现在起我用中文和您交流。",
		ru: "Готово. Теперь я говорю с вами по-русски.",
	},
	langUnknown: {
		en: "I do not speak {language} yet. I speak English, Chinese and Russian:",
		"zh-CN": "我还不会 {language}。我会英语、中文和俄语：",
		ru: "На языке {language} я пока не говорю. Я знаю английский, китайский и русский:",
	},
	zoneNow: {
		en: "Your time zone is {zone}; it is {time} there. Your tokens reset at its midnight.",
		"zh-CN": "您的时区是 {zone}，当地时间为 {time}。额度在当地零点重置。",
		ru: "Ваш часовой пояс — {zone}, там сейчас {time}. Токены обновляются в его полночь.",
	},
	zoneHow: {
		en: "To change it, choose a city or write one: /timezone London or /timezone UTC+1. It can be changed once in 30 days.",
		"zh-CN": "如需修改，请选择城市或直接填写：/timezone 北京 或 /timezone UTC+8。每 30 天只能修改一次。",
		ru: "Чтобы сменить его, выберите город или напишите: /timezone Москва или /timezone UTC+3. Менять можно раз в 30 дней.",
	},
	zoneMany: {
		en: "Several zones fit {text}. Which one?",
		"zh-CN": "有多个时区符合 {text}，请选择：",
		ru: "Под {text} подходит несколько поясов. Какой из них?",
	},
	zoneUnknown: {
		en: "I do not know the place {text}. Write a bigger city nearby or an offset such as UTC+3, or choose one:",
		"zh-CN": "我不认识 {text}。请填写附近的大城市或时差（如 UTC+8），或从下面选择：",
		ru: "Я не знаю места {text}. Напишите город покрупнее рядом или смещение, например UTC+3, или выберите:",
	},
	zoneChosen: {
		en: "Done. Your time zone is {zone}; it is {time} there.",
		"zh-CN": "已设置。您的时区是 {zone}，当地时间为 {time}。",
		ru: "Готово. Ваш часовой пояс — {zone}, там сейчас {time}.",
	},
	zoneLater: {
		en: "Done. {zone} counts from {when}, when your running day of tokens ends.",
		"zh-CN": "已设置。当前额度周期结束后，自 {when} 起使用 {zone}。",
		ru: "Готово. {zone} начнёт действовать {when}, когда закончится текущий день токенов.",
	},
	zoneSame: {
		en: "{zone} is your time zone already; it is {time} there.",
		"zh-CN": "您的时区已经是 {zone}，当地时间为 {time}。",
		ru: "{zone} — уже ваш часовой пояс, там сейчас {time}.",
	},
} as const satisfies Record<string, Text>;

/** Each language by its own name, the same in every language. */
export const LANGUAGE_NAMES = { en: "English", "zh-CN": "中文", ru: "Русский" } as const;
