import type { ErrorCode } from "../errors.ts";
import type { Text } from "./say.ts";

/** what: what happened. next: what to do now. Full sentences, no code names. */
export type ErrorText = { readonly what: Text; readonly next: Text };

/** Every code of the catalog; a code without words does not compile. */
export const errorTexts = {
	ROUTER_NO_PROVIDER: {
		what: {
			en: "No AI service can take your message right now.",
			"zh-CN": "目前没有可用的 AI 服务来处理您的消息。",
			ru: "Сейчас ни один ИИ-сервис не может принять ваше сообщение.",
		},
		next: {
			en: "Try again in a minute with /retry, or choose another tier with /tier. You were not charged.",
			"zh-CN": "请一分钟后用 /retry 重试，或用 /tier 换一个档位。本次没有扣费。",
			ru: "Повторите через минуту командой /retry или выберите другой режим: /tier. Плата не списана.",
		},
	},
	ROUTER_TIMEOUT: {
		what: {
			en: "The AI service did not answer in time.",
			"zh-CN": "AI 服务没有及时答复。",
			ru: "ИИ-сервис не ответил вовремя.",
		},
		next: {
			en: "Repeat your message with /retry. You were not charged.",
			"zh-CN": "请用 /retry 重发您的消息。本次没有扣费。",
			ru: "Повторите сообщение командой /retry. Плата не списана.",
		},
	},
	ROUTER_RATE_LIMITED: {
		what: {
			en: "Too many requests are under way right now.",
			"zh-CN": "当前请求过多。",
			ru: "Сейчас обрабатывается слишком много запросов.",
		},
		next: {
			en: "Try again a little later with /retry. You were not charged.",
			"zh-CN": "请稍后用 /retry 重试。本次没有扣费。",
			ru: "Повторите чуть позже командой /retry. Плата не списана.",
		},
	},
	BILLING_QUOTA_EXCEEDED: {
		what: {
			en: "Your tokens for this period are used up.",
			"zh-CN": "您本期的 token 额度已用完。",
			ru: "Токены на этот период израсходованы.",
		},
		next: {
			en: "Wait for the next period (/usage shows when it starts) or get a bigger plan: /plan.",
			"zh-CN": "请等待下一个周期（/usage 可查看开始时间），或升级套餐：/plan。",
			ru: "Дождитесь следующего периода (когда он начнётся, покажет /usage) или возьмите тариф побольше: /plan.",
		},
	},
	BILLING_SUBSCRIPTION_INACTIVE: {
		what: {
			en: "You have no active subscription.",
			"zh-CN": "您没有有效的订阅。",
			ru: "У вас нет активной подписки.",
		},
		next: {
			en: "See the plans with /plan, then activate one with a code: /bind CODE.",
			"zh-CN": "请用 /plan 查看套餐，再用绑定码开通：/bind 绑定码。",
			ru: "Посмотрите тарифы: /plan, затем включите нужный кодом: /bind КОД.",
		},
	},
	INSTANCE_NOT_FOUND: {
		what: {
			en: "There is no such instance among yours.",
			"zh-CN": "您名下没有这个实例。",
			ru: "Среди ваших экземпляров такого нет.",
		},
		next: {
			en: "Check the name or id you gave and try again.",
			"zh-CN": "请检查您填写的名称或编号后再试。",
			ru: "Проверьте имя или номер и повторите.",
		},
	},
	INSTANCE_PROVISIONING: {
		what: {
			en: "Your instance is still being created.",
			"zh-CN": "您的实例仍在创建中。",
			ru: "Ваш экземпляр ещё создаётся.",
		},
		next: {
			en: "Wait a few minutes and try again.",
			"zh-CN": "请过几分钟再试。",
			ru: "Подождите несколько минут и повторите.",
		},
	},
	AUTH_INVALID_CREDENTIALS: {
		what: {
			en: "The key, password or code is not right.",
			"zh-CN": "密钥、密码或验证码不正确。",
			ru: "Неверный ключ, пароль или код.",
		},
		next: {
			en: "Check it, or make a new key in the chat: /key new.",
			"zh-CN": "请检查后再试，或在聊天中生成新密钥：/key new。",
			ru: "Проверьте его или создайте новый ключ в чате: /key new.",
		},
	},
	BIND_CODE_INVALID: {
		what: {
			en: "This bind code is unknown, used or expired.",
			"zh-CN": "此绑定码不存在、已被使用或已过期。",
			ru: "Этот код привязки неизвестен, уже использован или истёк.",
		},
		next: {
			en: "Check it letter by letter, or get a new one: /link in your other chat, or from support.",
			"zh-CN": "请逐字核对，或重新获取：在另一个聊天中使用 /link，或联系客服。",
			ru: "Проверьте код по буквам или получите новый: командой /link в другом чате или у поддержки.",
		},
	},
	INTERNAL: {
		what: {
			en: "Something broke on our side.",
			"zh-CN": "我们这边出了点问题。",
			ru: "У нас что-то сломалось.",
		},
		next: {
			en: "Try again in a minute. If it stays so, tell support the time and this code.",
			"zh-CN": "请一分钟后再试。如果仍然如此，请把时间和此代码告诉客服。",
			ru: "Повторите через минуту. Если не пройдёт, сообщите поддержке время и этот код.",
		},
	},
	REQUEST_INVALID: {
		what: {
			en: "This request cannot be understood or is not allowed in this form.",
			"zh-CN": "无法理解该请求，或其格式不被允许。",
			ru: "Запрос непонятен или недопустим в таком виде.",
		},
		next: {
			en: "Correct it and send it again; /help shows how commands are written.",
			"zh-CN": "请修改后重新发送；/help 会说明命令的写法。",
			ru: "Исправьте его и отправьте снова; как пишутся команды, покажет /help.",
		},
	},
	FORBIDDEN: {
		what: {
			en: "You may not do this.",
			"zh-CN": "您没有权限执行此操作。",
			ru: "Вам это действие недоступно.",
		},
		next: {
			en: "If you think you should be able to, ask support.",
			"zh-CN": "如果您认为应当有权限，请联系客服。",
			ru: "Если считаете, что доступ должен быть, обратитесь в поддержку.",
		},
	},
	RATE_LIMITED: {
		what: {
			en: "That was too often in a short time.",
			"zh-CN": "操作过于频繁。",
			ru: "Слишком часто за короткое время.",
		},
		next: {
			en: "Wait a little, then try again.",
			"zh-CN": "请稍等片刻再试。",
			ru: "Немного подождите и повторите.",
		},
	},
	CAPACITY_REACHED: {
		what: {
			en: "All places are taken at the moment.",
			"zh-CN": "目前名额已满。",
			ru: "Сейчас все места заняты.",
		},
		next: {
			en: "Try again later; nothing was charged. Support can tell you when there is room.",
			"zh-CN": "请稍后再试，没有产生费用。客服可以告诉您何时有空位。",
			ru: "Повторите позже; плата не списана. Когда место освободится, подскажет поддержка.",
		},
	},
} as const satisfies Record<ErrorCode, ErrorText>;

/** Words round the two sentences. */
export const failureTexts = {
	next: { en: "What to do: {next}", "zh-CN": "怎么办：{next}", ru: "Что делать: {next}" },
	code: { en: "Code: {code}", "zh-CN": "代码：{code}", ru: "Код: {code}" },
	support: { en: "Support: {url}", "zh-CN": "客服：{url}", ru: "Поддержка: {url}" },
	resets: {
		en: "Your next tokens arrive {when}.",
		"zh-CN": "新的额度将于 {when} 发放。",
		ru: "Новые токены появятся: {when}.",
	},
	resetsIn: {
		en: "Your next tokens arrive {when}, {wait}.",
		"zh-CN": "新的额度将于 {when} 发放（{wait}）。",
		ru: "Новые токены появятся: {when}, {wait}.",
	},
	retryAfter: {
		en: "It will work again {wait}.",
		"zh-CN": "{wait}可再次尝试。",
		ru: "Снова можно {wait}.",
	},
	field: { en: "It is about {field}.", "zh-CN": "问题出在 {field}。", ru: "Дело в {field}." },
	retryButton: { en: "Try again", "zh-CN": "重试", ru: "Повторить" },
	plansButton: { en: "See plans", "zh-CN": "查看套餐", ru: "Тарифы" },
	tierButton: { en: "Choose a tier", "zh-CN": "选择档位", ru: "Выбрать режим" },
	usageButton: { en: "My usage", "zh-CN": "我的用量", ru: "Мой расход" },
} as const satisfies Record<string, Text>;
