import type { Trouble } from "../instances/trouble.ts";
import type { Text } from "./say.ts";

/** An agent of one's own: what is said around its answers. */
export const instanceTexts = {
	stopped: { en: "Stopped.", "zh-CN": "已停止。", ru: "Остановлено." },
	cut: {
		en: "Your agent broke off here. /retry asks it again.",
		"zh-CN": "您的智能体在此中断。用 /retry 可再次提问。",
		ru: "Здесь ваш агент прервался. /retry спросит его ещё раз.",
	},
	waking: {
		en: "Waking your agent…",
		"zh-CN": "正在唤醒您的智能体……",
		ru: "Бужу вашего агента…",
	},
	awayNote: {
		en: "ⓘ Your own agent cannot be reached now, so this answer comes without it. /instance shows how it is.",
		"zh-CN": "ⓘ 目前无法连接您的专属智能体，本次回答未经过它。用 /instance 查看其状态。",
		ru: "ⓘ Ваш собственный агент сейчас недоступен, этот ответ — без него. Что с ним, покажет /instance.",
	},
	comingNote: {
		en: "ⓘ Your own agent is still starting, so this answer comes without it.",
		"zh-CN": "ⓘ 您的专属智能体仍在启动，本次回答未经过它。",
		ru: "ⓘ Ваш собственный агент ещё запускается, этот ответ — без него.",
	},
} as const satisfies Record<string, Text>;

/** /instance. */
export const instanceCommandTexts = {
	none: {
		en: "You have no agent of your own yet. It lives in a place of its own, keeps its own memory and files, and answers here instead of the plain assistant.",
		"zh-CN": "您还没有专属智能体。它运行在独立的空间，拥有自己的记忆和文件，并代替普通助手在这里回答。",
		ru: "Собственного агента у вас пока нет. Он живёт отдельно, со своей памятью и файлами, и отвечает здесь вместо обычного ассистента.",
	},
	noneInPlan: {
		en: "Your plan has no agent of its own. /plan shows the plans that do.",
		"zh-CN": "您的套餐不含专属智能体。用 /plan 查看包含它的套餐。",
		ru: "В вашем тарифе нет собственного агента. Тарифы, где он есть, покажет /plan.",
	},
	cost: {
		en: "Each message through it costs about 15,000 to 25,000 tokens, because it takes its notes and tools along.",
		"zh-CN": "每条消息大约消耗 15,000 到 25,000 token，因为它会携带自己的笔记和工具。",
		ru: "Каждое сообщение через него стоит примерно от 15 000 до 25 000 токенов: он берёт с собой свои записи и инструменты.",
	},
	how: {
		en: "/instance create, start, stop, restart, logs, delete",
		"zh-CN":
			"/instance create（创建）、start（启动）、stop（停止）、restart（重启）、logs（日志）、delete（删除）",
		ru: "/instance create (создать), start (запустить), stop (остановить), restart (перезапустить), logs (журнал), delete (удалить)",
	},
	status: {
		en: "Your agent **{name}**: {phase}",
		"zh-CN": "您的智能体 **{name}**：{phase}",
		ru: "Ваш агент **{name}**: {phase}",
	},
	why: { en: "What is wrong: {why}", "zh-CN": "原因：{why}", ru: "Что не так: {why}" },
	created: { en: "Made: {when}", "zh-CN": "创建时间：{when}", ru: "Создан: {when}" },
	use: {
		en: "It uses {memory} MB of memory and {cpu} % of a core.",
		"zh-CN": "内存占用 {memory} MB，CPU 占用单核的 {cpu} %。",
		ru: "Занимает {memory} МБ памяти и {cpu} % ядра.",
	},
	asleep: {
		en: "It sleeps, because nobody talked to it for a while. Your next message wakes it.",
		"zh-CN": "由于一段时间无人使用，它已休眠。您的下一条消息会将其唤醒。",
		ru: "Он спит, потому что с ним давно не говорили. Ваше следующее сообщение его разбудит.",
	},
	creating: {
		en: "Your agent is being made. This usually takes a minute or two; I tell you here how it goes.",
		"zh-CN": "正在创建您的智能体，通常需要一两分钟。进展会在这里告诉您。",
		ru: "Ваш агент создаётся. Обычно это минута-две; как идёт дело, скажу здесь.",
	},
	operatorPlan: {
		en: "You run this installation, so your account is on the plan Max from now on.",
		"zh-CN": "您是本系统的运营者，您的账户现已使用 Max 套餐。",
		ru: "Вы владелец этой установки, поэтому ваш аккаунт теперь на тарифе Max.",
	},
	exists: {
		en: "You have an agent of your own already.",
		"zh-CN": "您已经有一个专属智能体。",
		ru: "Собственный агент у вас уже есть.",
	},
	starting: {
		en: "Your agent is being started; I tell you here when it is up.",
		"zh-CN": "正在启动您的智能体，就绪后会在这里告诉您。",
		ru: "Ваш агент запускается; когда будет готов, скажу здесь.",
	},
	stopping: {
		en: "Your agent is being stopped. What it knows is kept; until /instance start you are answered without it.",
		"zh-CN": "正在停止您的智能体。它的数据会保留；在 /instance start 之前，由普通助手回答您。",
		ru: "Ваш агент останавливается. Всё, что он знает, сохранится; до /instance start вам отвечают без него.",
	},
	deleting: {
		en: "Your agent is being deleted. Its data is kept for 30 days and then erased for good.",
		"zh-CN": "正在删除您的智能体。其数据保留 30 天，之后将被彻底清除。",
		ru: "Ваш агент удаляется. Его данные хранятся 30 дней, затем стираются окончательно.",
	},
	askStop: {
		en: "Stop your agent? What it is doing now is broken off. Its data is kept.\n\nPress the button, or write: /instance stop {token}",
		"zh-CN":
			"要停止您的智能体吗？它正在做的事会中断，数据会保留。\n\n请按按钮，或发送：/instance stop {token}",
		ru: "Остановить агента? То, что он делает сейчас, прервётся. Данные сохранятся.\n\nНажмите кнопку или напишите: /instance stop {token}",
	},
	askRestart: {
		en: "Restart your agent? What it is doing now is broken off. Its data is kept.\n\nPress the button, or write: /instance restart {token}",
		"zh-CN":
			"要重启您的智能体吗？它正在做的事会中断，数据会保留。\n\n请按按钮，或发送：/instance restart {token}",
		ru: "Перезапустить агента? То, что он делает сейчас, прервётся. Данные сохранятся.\n\nНажмите кнопку или напишите: /instance restart {token}",
	},
	askDelete: {
		en: "Delete your agent? It ends at once, and what it knows is erased after 30 days.\n\nPress the button, or write: /instance delete {token}",
		"zh-CN":
			"要删除您的智能体吗？它会立即终止，其数据将在 30 天后清除。\n\n请按按钮，或发送：/instance delete {token}",
		ru: "Удалить агента? Он остановится сразу, а всё, что он знает, сотрётся через 30 дней.\n\nНажмите кнопку или напишите: /instance delete {token}",
	},
	logs: { en: "The last lines of its log:", "zh-CN": "日志的最后几行：", ru: "Последние строки журнала:" },
	logsEmpty: { en: "Its log is empty.", "zh-CN": "日志为空。", ru: "Журнал пуст." },
	createButton: { en: "Create my agent", "zh-CN": "创建我的智能体", ru: "Создать моего агента" },
	startButton: { en: "Start", "zh-CN": "启动", ru: "Запустить" },
	stopButton: { en: "Stop", "zh-CN": "停止", ru: "Остановить" },
	restartButton: { en: "Restart", "zh-CN": "重启", ru: "Перезапустить" },
	deleteButton: { en: "Delete", "zh-CN": "删除", ru: "Удалить" },
	confirmStopButton: { en: "Yes, stop it", "zh-CN": "是，停止", ru: "Да, остановить" },
	confirmRestartButton: { en: "Yes, restart it", "zh-CN": "是，重启", ru: "Да, перезапустить" },
	confirmDeleteButton: { en: "Yes, delete it", "zh-CN": "是，删除", ru: "Да, удалить" },
} as const satisfies Record<string, Text>;

/** What is wrong with it, as far as its owner can do something about it. */
export const troubleTexts = {
	memory: {
		en: "it needed more memory than it may have",
		"zh-CN": "它需要的内存超过了限额",
		ru: "ему не хватило отведённой памяти",
	},
	configuration: {
		en: "it cannot take its settings",
		"zh-CN": "它无法读取其配置",
		ru: "он не принимает свои настройки",
	},
	program: {
		en: "its program could not be brought here yet",
		"zh-CN": "其程序尚未就绪",
		ru: "его программа ещё не загружена",
	},
	silent: { en: "it does not answer", "zh-CN": "它没有响应", ru: "он не отвечает" },
	late: { en: "it was not ready in time", "zh-CN": "它未能按时就绪", ru: "он не успел запуститься" },
	ended: { en: "it ended by itself", "zh-CN": "它自行退出了", ru: "он завершился сам" },
	other: { en: "something went wrong here", "zh-CN": "系统出现了问题", ru: "что-то пошло не так у нас" },
} as const satisfies Record<Trouble, Text>;

/** How an instance is, in a few words. */
export const phaseTexts = {
	none: { en: "being made", "zh-CN": "正在创建", ru: "создаётся" },
	creating: { en: "being made", "zh-CN": "正在创建", ru: "создаётся" },
	starting: { en: "starting", "zh-CN": "正在启动", ru: "запускается" },
	ready: { en: "up and well", "zh-CN": "运行正常", ru: "работает" },
	degraded: {
		en: "up, a part of it does not work",
		"zh-CN": "运行中，部分功能异常",
		ru: "работает не полностью",
	},
	crashloop: {
		en: "ends again and again; it is tried once in half an hour",
		"zh-CN": "反复退出，每半小时重试一次",
		ru: "раз за разом завершается; попытка раз в полчаса",
	},
	stopping: { en: "stopping", "zh-CN": "正在停止", ru: "останавливается" },
	stopped: { en: "stopped", "zh-CN": "已停止", ru: "остановлен" },
	failed: {
		en: "could not be started; /instance start tries again",
		"zh-CN": "启动失败，可用 /instance start 重试",
		ru: "не запустился; /instance start попробует снова",
	},
	unknown: { en: "cannot be reached", "zh-CN": "无法连接", ru: "недоступен" },
	deleting: { en: "being deleted", "zh-CN": "正在删除", ru: "удаляется" },
	gone: { en: "deleted", "zh-CN": "已删除", ru: "удалён" },
	purged: { en: "deleted", "zh-CN": "已删除", ru: "удалён" },
} as const satisfies Record<string, Text>;

/** Told in one message that grows while an agent is made or started, and when something happens to it. */
export const followTexts = {
	begins: {
		en: "Your agent is on its way (usually a minute or two):",
		"zh-CN": "您的智能体正在准备（通常一两分钟）：",
		ru: "Ваш агент в пути (обычно минута-две):",
	},
	fetching: { en: "- bringing its program here", "zh-CN": "- 正在安装程序", ru: "- загружается программа" },
	making: { en: "- making its place", "zh-CN": "- 正在准备空间", ru: "- готовится место" },
	starting: { en: "- starting it", "zh-CN": "- 正在启动", ru: "- запускается" },
	ready: {
		en: "- it is up, after {seconds} s\n\nFrom now on it answers you here.",
		"zh-CN": "- 已就绪，用时 {seconds} 秒\n\n从现在起由它在这里回答您。",
		ru: "- готов, за {seconds} с\n\nТеперь здесь отвечает он.",
	},
	failed: {
		en: "- it could not be started: {why}\n\nYou are answered without it. /instance start tries again.",
		"zh-CN": "- 启动失败：{why}\n\n目前由普通助手回答您。用 /instance start 重试。",
		ru: "- запустить не удалось: {why}\n\nПока вам отвечают без него. /instance start попробует снова.",
	},
	leftOff: {
		en: "- no longer wanted",
		"zh-CN": "- 已取消",
		ru: "- больше не нужен",
	},
	slow: {
		en: "- it takes longer than usual; /instance shows how it is",
		"zh-CN": "- 用时比平时长，可用 /instance 查看状态",
		ru: "- дольше обычного; что с ним, покажет /instance",
	},
	crashloop: {
		en: "Your agent ends again and again ({why}). It is tried once in half an hour; until then you are answered without it. /instance logs shows what it wrote.",
		"zh-CN":
			"您的智能体反复退出（{why}）。系统每半小时重试一次，期间由普通助手回答您。用 /instance logs 查看日志。",
		ru: "Ваш агент раз за разом завершается ({why}). Попытка раз в полчаса, пока вам отвечают без него. Что он писал, покажет /instance logs.",
	},
	gaveUp: {
		en: "Your agent could not be kept running ({why}). You are answered without it; /instance start tries again.",
		"zh-CN": "您的智能体无法继续运行（{why}）。目前由普通助手回答您；用 /instance start 重试。",
		ru: "Ваш агент не смог продолжить работу ({why}). Вам отвечают без него; /instance start попробует снова.",
	},
} as const satisfies Record<string, Text>;
