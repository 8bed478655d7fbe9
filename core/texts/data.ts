import type { Text } from "./say.ts";

/** /export and /delete. */
export const dataTexts = {
	exported: {
		en: "Here is everything stored about you, as JSON. Keep the file private.",
		"zh-CN": "这是我们保存的关于您的全部信息（JSON 格式）。请妥善保管此文件。",
		ru: "Здесь всё, что о вас хранится, в формате JSON. Не показывайте файл посторонним.",
	},
	deleteAsk: {
		en: "**This deletes your account for good**: your messages, settings, agents and API keys, in all chats joined to it. A paid plan ends without a refund. Accounting figures without your name remain.\n\nIf you want a copy first: /export\n\nTo delete, press the button or write `/delete {token}` within 10 minutes. To keep everything, do nothing.",
		"zh-CN":
			"**此操作将永久删除您的账户**：包括所有已接入聊天中的消息、设置、智能体和 API 密钥。付费套餐随之终止且不退款。仅保留不含姓名的账务数字。\n\n如需先备份：/export\n\n如确认删除，请在 10 分钟内按下按钮，或发送 `/delete {token}`。如不想删除，无需任何操作。",
		ru: "**Аккаунт будет удалён навсегда**: сообщения, настройки, агенты и ключи API во всех подключённых чатах. Платный тариф закончится без возврата денег. Останутся лишь учётные цифры без имени.\n\nСначала сохранить копию: /export\n\nЧтобы удалить, нажмите кнопку или напишите `/delete {token}` в течение 10 минут. Чтобы всё оставить, ничего не делайте.",
	},
	deleteButton: { en: "Delete my account", "zh-CN": "删除我的账户", ru: "Удалить аккаунт" },
	deleted: {
		en: "Your account is deleted. If you write again, you start anew.",
		"zh-CN": "您的账户已删除。如果再次发消息，将重新开始。",
		ru: "Аккаунт удалён. Если напишете снова, всё начнётся заново.",
	},
	deleteBusy: {
		en: "An answer is still running on your account, or a program calls with a key of yours, so nothing was deleted. Stop the answer with /stop, withdraw the key with /key, wait two minutes and press the button again.",
		"zh-CN":
			"您的账户还有正在进行的回答，或有程序正在使用您的密钥，因此未删除任何内容。请用 /stop 停止回答，用 /key 撤销密钥，等待两分钟后再按按钮。",
		ru: "В вашем аккаунте ещё выполняется ответ или программа обращается с вашим ключом, поэтому ничего не удалено. Остановите ответ командой /stop, отзовите ключ через /key, подождите две минуты и нажмите кнопку снова.",
	},
	tokenExpired: {
		en: "This confirmation is not valid any more. Send /{command} again.",
		"zh-CN": "此确认已失效。请重新发送 /{command}。",
		ru: "Это подтверждение больше не действует. Отправьте /{command} снова.",
	},
} as const satisfies Record<string, Text>;
