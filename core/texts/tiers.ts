import type { Text } from "./say.ts";

/** What a person sees of a policy: never a model, never a vendor. */
export const tierTexts = {
	BEST: { en: "Smart", "zh-CN": "智能", ru: "Умный" },
	CHEAP: { en: "Economy", "zh-CN": "经济", ru: "Экономный" },
	CN_OK: { en: "China-ready", "zh-CN": "国内可用", ru: "Для Китая" },
} as const satisfies Record<"BEST" | "CHEAP" | "CN_OK", Text>;

export const tierSummaryTexts = {
	BEST: {
		en: "the best answers, first choice for hard questions",
		"zh-CN": "回答质量最高，适合复杂问题",
		ru: "лучшие ответы, для трудных вопросов",
	},
	CHEAP: {
		en: "good answers from lighter services, for everyday questions",
		"zh-CN": "使用较轻量的服务，适合日常问题",
		ru: "хорошие ответы лёгких сервисов, на каждый день",
	},
	CN_OK: {
		en: "your data goes only to services in China, never elsewhere",
		"zh-CN": "数据只交给中国境内的服务，绝不出境",
		ru: "данные уходят только сервисам в Китае и никуда больше",
	},
} as const satisfies Record<"BEST" | "CHEAP" | "CN_OK", Text>;

export const tierCommandTexts = {
	now: { en: "Your tier: **{tier}**.", "zh-CN": "当前档位：**{tier}**。", ru: "Ваш режим: **{tier}**." },
	choose: { en: "Choose another one:", "zh-CN": "您可以更换：", ru: "Можно выбрать другой:" },
	chosen: {
		en: "Done. Your tier is **{tier}**: {summary}.",
		"zh-CN": "已设置。当前档位为**{tier}**：{summary}。",
		ru: "Готово. Режим «{tier}»: {summary}.",
	},
	unknown: {
		en: "I do not know the tier {tier}.",
		"zh-CN": "没有名为 {tier} 的档位。",
		ru: "Режима {tier} нет.",
	},
} as const satisfies Record<string, Text>;
