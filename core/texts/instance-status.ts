import type { Text } from "./say.ts";

/** Why an instance that is wanted does not run as it should, by its phase; what its machine said is not for its owner. */
export const instanceTroubleTexts = {
	degraded: {
		en: "It runs, and a part of it does not work.",
		"zh-CN": "实例正在运行，但部分功能异常。",
		ru: "Экземпляр работает, но не полностью.",
	},
	crashloop: {
		en: "It ended again and again. It is tried once in half an hour; restart it to try now.",
		"zh-CN": "实例反复退出，每半小时重试一次。可重启以立即重试。",
		ru: "Экземпляр раз за разом завершается. Попытка раз в полчаса; перезапустите его, чтобы попробовать сейчас.",
	},
	failed: {
		en: "It could not be started in time. Start it to try again.",
		"zh-CN": "实例未能按时启动。请再次启动以重试。",
		ru: "Экземпляр не удалось запустить вовремя. Запустите его ещё раз.",
	},
	unknown: {
		en: "It cannot be reached at the moment. It goes on by itself once it can.",
		"zh-CN": "暂时无法连接实例，恢复后将自动继续。",
		ru: "Сейчас экземпляр недоступен. Он продолжит сам, как только связь вернётся.",
	},
} as const satisfies Record<string, Text>;
