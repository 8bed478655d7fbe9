import type { Text } from "./say.ts";

/** What the built-in demo says in place of a model. */
export const demoTexts = {
	intro: {
		en: "**This is the offline demo.** No provider key is set, so no model was asked and nothing left this machine.",
		"zh-CN": "**这是离线演示。** 尚未设置任何模型服务商的密钥，因此没有调用模型，数据也没有离开这台机器。",
		ru: "**Это офлайн-демо.** Ключ провайдера не задан, поэтому модель не вызывалась и данные не покидали эту машину.",
	},
	heard: {
		en: "You wrote: “{excerpt}”",
		"zh-CN": "您写的是：“{excerpt}”",
		ru: "Вы написали: «{excerpt}»",
	},
	wouldBe: {
		en: "With a key, this is what would have happened:",
		"zh-CN": "如果设置了密钥，会这样处理：",
		ru: "С ключом произошло бы вот что:",
	},
	policyBest: {
		en: "Tier “smart” (policy BEST): the best model of those you set up.",
		"zh-CN": "档位“智能”（策略 BEST）：在已配置的模型中选用质量最好的。",
		ru: "Режим «умный» (политика BEST): лучшая из подключённых моделей.",
	},
	policyCheap: {
		en: "Tier “economy” (policy CHEAP): the cheapest model of those you set up.",
		"zh-CN": "档位“经济”（策略 CHEAP）：在已配置的模型中选用最便宜的。",
		ru: "Режим «экономный» (политика CHEAP): самая дешёвая из подключённых моделей.",
	},
	provider: {
		en: "Provider: {route}, for example.",
		"zh-CN": "服务商：例如 {route}。",
		ru: "Провайдер: например, {route}.",
	},
	tokens: {
		en: "Tokens: {input} in, at most {output} out, taken from your quota before the call and settled after it.",
		"zh-CN": "Token：输入 {input}，输出最多 {output}；调用前先从额度中预留，结束后按实际用量结算。",
		ru: "Токены: {input} на входе и не больше {output} на выходе; перед вызовом они резервируются, после — списываются по факту.",
	},
	next: {
		en: "This answer was metered like a real one: /usage shows it. To get real answers, put a key such as OPENAI_API_KEY or MOONSHOT_API_KEY into .env and start again.",
		"zh-CN":
			"本条回答与真实回答一样计量，可用 /usage 查看。要获得真实回答，请在 .env 中填写密钥（例如 OPENAI_API_KEY 或 MOONSHOT_API_KEY），然后重新启动。",
		ru: "Этот ответ учтён как настоящий: смотрите /usage. Чтобы отвечала модель, впишите ключ, например OPENAI_API_KEY или MOONSHOT_API_KEY, в .env и запустите снова.",
	},
} as const satisfies Record<string, Text>;
