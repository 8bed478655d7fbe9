import type { Text } from "./say.ts";

/** /plan and /usage. */
export const billingTexts = {
	planNow: { en: "Your plan: **{plan}**.", "zh-CN": "您的套餐：**{plan}**。", ru: "Ваш тариф: **{plan}**." },
	planUntil: {
		en: "Your plan: **{plan}**, until {day}.",
		"zh-CN": "您的套餐：**{plan}**，有效期至 {day}。",
		ru: "Ваш тариф: **{plan}**, до {day}.",
	},
	planNone: {
		en: "You have no active plan.",
		"zh-CN": "您没有有效的套餐。",
		ru: "У вас нет действующего тарифа.",
	},
	plans: { en: "All plans:", "zh-CN": "全部套餐：", ru: "Все тарифы:" },
	planRow: {
		en: "- **{name}**: {price}, {tokens}",
		"zh-CN": "- **{name}**：{price}，{tokens}",
		ru: "- **{name}**: {price}, {tokens}",
	},
	priceFree: { en: "free", "zh-CN": "免费", ru: "бесплатно" },
	priceMonthly: { en: "{price} a month", "zh-CN": "每月 {price}", ru: "{price} в месяц" },
	priceAgreed: { en: "by agreement", "zh-CN": "价格面议", ru: "по договорённости" },
	tokensDaily: { en: "{tokens} tokens a day", "zh-CN": "每天 {tokens} token", ru: "{tokens} токенов в день" },
	tokensAgreed: {
		en: "as many tokens as agreed",
		"zh-CN": "token 数量按约定",
		ru: "токены по договорённости",
	},
	howToGet: {
		en: "To get a plan, ask support for a bind code ({url}) and send it to me here: /bind CODE",
		"zh-CN": "如需开通套餐，请向客服索取绑定码（{url}），然后在这里发送：/bind 绑定码",
		ru: "Чтобы подключить тариф, попросите у поддержки код привязки ({url}) и пришлите его сюда: /bind КОД",
	},
	howToGetNoUrl: {
		en: "To get a plan, ask the person who runs this bot for a bind code and send it to me here: /bind CODE",
		"zh-CN": "如需开通套餐，请向本机器人的运营者索取绑定码，然后在这里发送：/bind 绑定码",
		ru: "Чтобы подключить тариф, попросите код привязки у владельца бота и пришлите его сюда: /bind КОД",
	},
	used: {
		en: "Used in this period: **{used}** of {granted} tokens",
		"zh-CN": "本期已用：**{used}** / {granted} token",
		ru: "Потрачено за период: **{used}** из {granted} токенов",
	},
	usedNoDaily: {
		en: "Your plan gives no daily tokens.",
		"zh-CN": "您的套餐没有每日额度。",
		ru: "Ежедневных токенов в вашем тарифе нет.",
	},
	usedNotYet: {
		en: "Today's tokens were given out before this account began; the next ones come at the reset.",
		"zh-CN": "今日额度在此账户创建之前已经发放，下一次额度将在重置时发放。",
		ru: "Токены на сегодня были выданы ещё до создания этого аккаунта; следующие придут при обновлении.",
	},
	left: {
		en: "Left: **{left}** tokens",
		"zh-CN": "剩余：**{left}** token",
		ru: "Осталось токенов: **{left}**",
	},
	held: {
		en: "Held for answers under way: {held}",
		"zh-CN": "正在进行的回答占用：{held}",
		ru: "Занято текущими ответами: {held}",
	},
	resets: {
		en: "Resets: {when}, {wait}",
		"zh-CN": "重置时间：{when}（{wait}）",
		ru: "Обновление: {when}, {wait}",
	},
	extra: {
		en: "- {kind}: {left} left of {granted}",
		"zh-CN": "- {kind}：剩余 {left} / {granted}",
		ru: "- {kind}: осталось {left} из {granted}",
	},
	extraUntil: {
		en: "- {kind}: {left} left of {granted}, until {when}",
		"zh-CN": "- {kind}：剩余 {left} / {granted}，有效期至 {when}",
		ru: "- {kind}: осталось {left} из {granted}, до {when}",
	},
	bySource: {
		en: "Where today's tokens went:",
		"zh-CN": "今日 token 去向：",
		ru: "На что ушли сегодняшние токены:",
	},
	sourceRow: {
		en: "- {source}: {tokens} tokens, calls: {calls}",
		"zh-CN": "- {source}：{tokens} token，{calls} 次调用",
		ru: "- {source}: токенов — {tokens}, вызовов — {calls}",
	},
	noUsage: {
		en: "Nothing was used today.",
		"zh-CN": "今天还没有使用。",
		ru: "Сегодня ничего не потрачено.",
	},
} as const satisfies Record<string, Text>;

/** Buckets other than the daily one. */
export const bucketTexts = {
	daily: { en: "Daily tokens", "zh-CN": "每日额度", ru: "Ежедневные токены" },
	pack: { en: "Extra pack", "zh-CN": "加量包", ru: "Дополнительный пакет" },
	month: { en: "Monthly tokens", "zh-CN": "每月额度", ru: "Месячные токены" },
	trial: { en: "Trial tokens", "zh-CN": "试用额度", ru: "Пробные токены" },
	goodwill: { en: "Refunds and gifts", "zh-CN": "退还与赠送", ru: "Возвраты и подарки" },
} as const satisfies Record<"daily" | "pack" | "month" | "trial" | "goodwill", Text>;

/** Sources of usage (usage_log.source). */
export const sourceTexts = {
	chat: { en: "Chat", "zh-CN": "聊天", ru: "Чат" },
	api: { en: "Your programs (API)", "zh-CN": "您的程序（API）", ru: "Ваши программы (API)" },
	gateway: { en: "Model gateway", "zh-CN": "模型网关", ru: "Шлюз моделей" },
	heartbeat: { en: "Background checks", "zh-CN": "后台巡检", ru: "Фоновые проверки" },
	cron: { en: "Scheduled tasks", "zh-CN": "定时任务", ru: "Задания по расписанию" },
	instance: { en: "Your own agent", "zh-CN": "您的专属智能体", ru: "Ваш собственный агент" },
	sub_agent: { en: "Helper agents", "zh-CN": "子智能体", ru: "Вспомогательные агенты" },
} as const satisfies Record<string, Text>;

/** Said once a bucket and level (see core/warnings/). */
export const warningTexts = {
	80: {
		en: "ⓘ 80 % of your tokens are used; {left} are left. They reset {when}.",
		"zh-CN": "ⓘ 您的额度已用 80%，剩余 {left} token。重置时间：{when}。",
		ru: "ⓘ Израсходовано 80 % токенов, осталось {left}. Обновление: {when}.",
	},
	95: {
		en: "⚠ 95 % of your tokens are used; only {left} are left. They reset {when}. A bigger plan: /plan",
		"zh-CN": "⚠ 您的额度已用 95%，仅剩 {left} token。重置时间：{when}。升级套餐：/plan",
		ru: "⚠ Израсходовано 95 % токенов, осталось всего {left}. Обновление: {when}. Тариф побольше: /plan",
	},
	100: {
		en: "⛔ Your tokens are used up: {left} left, too few for another answer. They reset {when}. If you need more before then: /plan",
		"zh-CN": "⛔ 您的额度已用完：剩余 {left} token，不足以再回答一次。重置时间：{when}。如需提前补充：/plan",
		ru: "⛔ Токены израсходованы: осталось {left}, на ответ не хватит. Обновление: {when}. Если нужно раньше: /plan",
	},
} as const satisfies Record<80 | 95 | 100, Text>;

export const warningNoResetTexts = {
	80: {
		en: "ⓘ 80 % of your tokens are used; {left} are left. More: /plan",
		"zh-CN": "ⓘ 您的额度已用 80%，剩余 {left} token。补充额度：/plan",
		ru: "ⓘ Израсходовано 80 % токенов, осталось {left}. Ещё: /plan",
	},
	95: {
		en: "⚠ 95 % of your tokens are used; only {left} are left. More: /plan",
		"zh-CN": "⚠ 您的额度已用 95%，仅剩 {left} token。补充额度：/plan",
		ru: "⚠ Израсходовано 95 % токенов, осталось всего {left}. Ещё: /plan",
	},
	100: {
		en: "⛔ Your tokens are used up: {left} left, too few for another answer. More: /plan",
		"zh-CN": "⛔ 您的额度已用完：剩余 {left} token，不足以再回答一次。补充额度：/plan",
		ru: "⛔ Токены израсходованы: осталось {left}, на ответ не хватит. Ещё: /plan",
	},
} as const satisfies Record<80 | 95 | 100, Text>;
