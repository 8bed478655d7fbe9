import type { ErrorText } from "./errors.ts";

/** What stands in the way of an agent of one's own. */
export const instanceReasonTexts: Readonly<Record<string, ErrorText>> = {
	"instance-coming": {
		what: {
			en: "Your own agent is still starting.",
			"zh-CN": "您的专属智能体仍在启动。",
			ru: "Ваш собственный агент ещё запускается.",
		},
		next: {
			en: "Try again in a minute with /retry, or be answered without it: /instance stop. You were not charged.",
			"zh-CN": "请一分钟后用 /retry 重试；如不想等待，可用 /instance stop 改由普通助手回答。本次没有扣费。",
			ru: "Повторите через минуту командой /retry или обойдитесь без него: /instance stop. Плата не списана.",
		},
	},
	"no-instances": {
		what: {
			en: "Agents of one's own are not offered here.",
			"zh-CN": "这里不提供专属智能体。",
			ru: "Собственные агенты здесь не предлагаются.",
		},
		next: {
			en: "Just write: you are answered here all the same.",
			"zh-CN": "直接发送消息即可，照样会得到回答。",
			ru: "Просто пишите: вам ответят и так.",
		},
	},
	"plan-without-instance": {
		what: {
			en: "Your plan has no agent of its own.",
			"zh-CN": "您的套餐不含专属智能体。",
			ru: "В вашем тарифе нет собственного агента.",
		},
		next: {
			en: "See with /plan which plans have one, then activate one with a code: /bind CODE.",
			"zh-CN": "请用 /plan 查看包含它的套餐，再用绑定码开通：/bind 绑定码。",
			ru: "Какие тарифы его включают, покажет /plan; затем включите нужный кодом: /bind КОД.",
		},
	},
	"deploy-rate": {
		what: {
			en: "Too many agents were made for this account within an hour.",
			"zh-CN": "此账户一小时内创建智能体的次数过多。",
			ru: "За час для этого аккаунта создано слишком много агентов.",
		},
		next: {
			en: "Wait until then, or keep the one you have: /instance start.",
			"zh-CN": "请等到那时再试，或继续使用现有的智能体：/instance start。",
			ru: "Подождите до этого времени или оставьте того, что есть: /instance start.",
		},
	},
};
