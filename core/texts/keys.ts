import type { Text } from "./say.ts";

/** /key. */
export const keyTexts = {
	none: { en: "You have no API keys.", "zh-CN": "您没有 API 密钥。", ru: "Ключей API у вас нет." },
	list: { en: "Your API keys:", "zh-CN": "您的 API 密钥：", ru: "Ваши ключи API:" },
	row: {
		en: "- {name}: {source}, made on {day}, {used}",
		"zh-CN": "- {name}：{source}，创建于 {day}，{used}",
		ru: "- {name}: {source}, создан {day}, {used}",
	},
	rowUntil: {
		en: "- {name}: {source}, made on {day}, {used}, good until {end}",
		"zh-CN": "- {name}：{source}，创建于 {day}，{used}，有效期至 {end}",
		ru: "- {name}: {source}, создан {day}, {used}, действует до {end}",
	},
	used: { en: "last used {day}", "zh-CN": "最近使用于 {day}", ru: "последнее применение {day}" },
	unused: { en: "never used", "zh-CN": "从未使用", ru: "не применялся" },
	instance: { en: "an instance of yours", "zh-CN": "您的实例", ru: "ваш экземпляр" },
	how: {
		en: "/key new NAME makes one (the name is yours to choose, or leave it out), /key revoke ID ends one. Programs send it as `Authorization: Bearer KEY` to the model gateway (`/v1/chat/completions`, `/v1/messages`, `/v1/responses`) or to POST /v1/chat.",
		"zh-CN":
			"/key new 名称 创建密钥（名称自定，可省略），/key revoke 编号 吊销密钥。程序以 `Authorization: Bearer 密钥` 调用模型网关（`/v1/chat/completions`、`/v1/messages`、`/v1/responses`）或 POST /v1/chat。",
		ru: "/key new ИМЯ создаёт ключ (имя любое, можно без него), /key revoke НОМЕР отзывает. Программы передают его как `Authorization: Bearer КЛЮЧ` шлюзу моделей (`/v1/chat/completions`, `/v1/messages`, `/v1/responses`) или в POST /v1/chat.",
	},
	options: {
		en: "Limits, each of them optional, in any order:\n{options}\nFor example: `{example}`",
		"zh-CN": "限制均为可选，顺序不限：\n{options}\n例如：`{example}`",
		ru: "Ограничения, все необязательные, в любом порядке:\n{options}\nНапример: `{example}`",
	},
	optionWrong: {
		en: "No key was made: {written} cannot be used. It is written so: {option}\n\nFor example: `{example}`",
		"zh-CN": "未创建密钥：{written} 无法使用。正确写法：{option}\n\n例如：`{example}`",
		ru: "Ключ не создан: {written} не подходит. Пишется так: {option}\n\nНапример: `{example}`",
	},
	optionUnknown: {
		en: "No key was made: there is no option {written}, or it is there twice. These exist:\n{options}\n\nFor example: `{example}`",
		"zh-CN": "未创建密钥：没有选项 {written}，或重复填写。可用选项：\n{options}\n\n例如：`{example}`",
		ru: "Ключ не создан: параметра {written} нет, или он указан дважды. Есть такие:\n{options}\n\nНапример: `{example}`",
	},
	issued: {
		en: "Your new key, shown only now:\n\n`{key}`\n\nKeep it like a password: whoever has it spends your tokens. To end it: /key revoke {id}",
		"zh-CN":
			"这是您的新密钥，仅显示这一次：\n\n`{key}`\n\n请像密码一样保管：持有者会消耗您的额度。吊销：/key revoke {id}",
		ru: "Ваш новый ключ, он показан только сейчас:\n\n`{key}`\n\nБерегите его как пароль: владелец ключа тратит ваши токены. Отозвать: /key revoke {id}",
	},
	issuedLimits: {
		en: "Its limits: {limits}.",
		"zh-CN": "其限制：{limits}。",
		ru: "Его ограничения: {limits}.",
	},
	issuedUntil: { en: "Good until {end}.", "zh-CN": "有效期至 {end}。", ru: "Действует до {end}." },
	gatewayOnly: {
		en: "A key with limits is for the model gateway, not for POST /v1/chat.",
		"zh-CN": "有限制的密钥仅用于模型网关，不能用于 POST /v1/chat。",
		ru: "Ключ с ограничениями годится для шлюза моделей, но не для POST /v1/chat.",
	},
	revoked: {
		en: "The key `{id}` is revoked and works no more.",
		"zh-CN": "密钥 `{id}` 已吊销，不再可用。",
		ru: "Ключ `{id}` отозван и больше не действует.",
	},
	unknown: {
		en: "You have no live key {id}. /key lists them.",
		"zh-CN": "没有可用的密钥 {id}。用 /key 查看列表。",
		ru: "Действующего ключа {id} у вас нет. Список: /key.",
	},
} as const satisfies Record<string, Text>;

/** How each option of "/key new" is written. The example is the same in every language. */
export const keyOptionTexts = {
	cap: {
		en: "`cap=50000`: tokens a day, 1 to 1,000,000,000",
		"zh-CN": "`cap=50000`：每天的 token 数，1 到 1,000,000,000",
		ru: "`cap=50000`: токенов в день, от 1 до 1 000 000 000",
	},
	idle: {
		en: "`idle=2000`: tokens an hour for background checks and scheduled tasks",
		"zh-CN": "`idle=2000`：后台巡检和定时任务每小时的 token 数",
		ru: "`idle=2000`: токенов в час на фоновые проверки и задания по расписанию",
	},
	tiers: {
		en: "`tiers=economy,haiku`: of auto, smart, economy, china-ready, opus, sonnet, haiku, exact (models by their own names)",
		"zh-CN":
			"`tiers=economy,haiku`：可选 auto、smart、economy、china-ready、opus、sonnet、haiku、exact（按模型名称指定）",
		ru: "`tiers=economy,haiku`: из auto, smart, economy, china-ready, opus, sonnet, haiku, exact (модели по их именам)",
	},
	networks: {
		en: "`networks=10.0.0.0/8,203.0.113.7`: addresses it may be used from",
		"zh-CN": "`networks=10.0.0.0/8,203.0.113.7`：允许使用的网络地址",
		ru: "`networks=10.0.0.0/8,203.0.113.7`: адреса, с которых его можно использовать",
	},
	days: {
		en: "`days=30`: how long it is good, 1 to 3650",
		"zh-CN": "`days=30`：有效天数，1 到 3650",
		ru: "`days=30`: сколько дней действует, от 1 до 3650",
	},
	source: {
		en: "`source=cron`: what it is for: chat, heartbeat, cron, sub-agent or api; /usage shows it so",
		"zh-CN": "`source=cron`：用途：chat、heartbeat、cron、sub-agent 或 api；/usage 按此统计",
		ru: "`source=cron`: для чего он: chat, heartbeat, cron, sub-agent или api; так его покажет /usage",
	},
	maynamesource: {
		en: "`mayNameSource=yes`: each call may say what it is for, by the header x-rockpool-source",
		"zh-CN": "`mayNameSource=yes`：每次调用可用 x-rockpool-source 请求头说明用途",
		ru: "`mayNameSource=yes`: каждый вызов может назвать своё назначение в заголовке x-rockpool-source",
	},
} as const satisfies Record<string, Text>;

/** In /key: what a key has of its own. */
export const keyLimitTexts = {
	cap: { en: "{tokens} tokens a day", "zh-CN": "每天 {tokens} token", ru: "{tokens} токенов в день" },
	idle: {
		en: "{tokens} tokens an hour in the background",
		"zh-CN": "后台每小时 {tokens} token",
		ru: "{tokens} токенов в час в фоне",
	},
	tiers: { en: "tiers {tiers}", "zh-CN": "档位 {tiers}", ru: "уровни {tiers}" },
	networks: { en: "from {networks}", "zh-CN": "来自 {networks}", ru: "из {networks}" },
	mayNameSource: {
		en: "may name its source",
		"zh-CN": "可自行说明用途",
		ru: "может называть назначение",
	},
} as const satisfies Record<string, Text>;
