import type { Text } from "./say.ts";

/** What those who run the installation are told, by the kind of the alert. {why} is what the machine said. */
export const alertTexts = {
	"instance-failed": {
		en: "⚠ Instance {instance} of account {account} could not be started: {why}",
		"zh-CN": "⚠ 账户 {account} 的实例 {instance} 无法启动：{why}",
		ru: "⚠ Экземпляр {instance} аккаунта {account} не удалось запустить: {why}",
	},
	"instance-crashloop": {
		en: "⚠ Instance {instance} of account {account} ends again and again: {why}",
		"zh-CN": "⚠ 账户 {account} 的实例 {instance} 反复退出：{why}",
		ru: "⚠ Экземпляр {instance} аккаунта {account} раз за разом завершается: {why}",
	},
	"instance-name-taken": {
		en: "⚠ Something that is not ours stands where instance {instance} of account {account} is to be ({why}). It is not touched; take it away, and the instance is made.",
		"zh-CN":
			"⚠ 账户 {account} 的实例 {instance} 所需的位置被非本系统的对象占用（{why}）。系统不会动它；移除后将继续创建。",
		ru: "⚠ Место экземпляра {instance} аккаунта {account} занято чужим ({why}). Мы его не трогаем; уберите его, и экземпляр будет создан.",
	},
	cpu: {
		en: "⚠ Instance {instance} of account {account} has used {percent} % of its processor for five minutes.",
		"zh-CN": "⚠ 账户 {account} 的实例 {instance} 五分钟内平均使用了 {percent} % 的 CPU 配额。",
		ru: "⚠ Экземпляр {instance} аккаунта {account} пять минут занимает {percent} % своего процессора.",
	},
	memory: {
		en: "⚠ Instance {instance} of account {account} uses {percent} % of its memory.",
		"zh-CN": "⚠ 账户 {account} 的实例 {instance} 使用了 {percent} % 的内存配额。",
		ru: "⚠ Экземпляр {instance} аккаунта {account} занимает {percent} % своей памяти.",
	},
	errors: {
		en: "⚠ {percent} % of the messages to instance {instance} of account {account} came to nothing in the last quarter of an hour.",
		"zh-CN": "⚠ 过去一刻钟内，发给账户 {account} 的实例 {instance} 的消息有 {percent} % 失败。",
		ru: "⚠ За последние четверть часа {percent} % сообщений экземпляру {instance} аккаунта {account} остались без ответа.",
	},
	"memory-slope": {
		en: "⚠ The memory of instance {instance} of account {account} grows steadily; at this rate it is full in {hours} h.",
		"zh-CN": "⚠ 账户 {account} 的实例 {instance} 内存持续增长，照此速度 {hours} 小时后用尽。",
		ru: "⚠ Память экземпляра {instance} аккаунта {account} равномерно растёт; так её хватит на {hours} ч.",
	},
} as const satisfies Record<string, Text>;

/** Of a kind a newer node may know. */
export const otherAlertText: Text = {
	en: "⚠ {kind}: instance {instance} of account {account}",
	"zh-CN": "⚠ {kind}：账户 {account} 的实例 {instance}",
	ru: "⚠ {kind}: экземпляр {instance} аккаунта {account}",
};
