import type { Text } from "./say.ts";

/** /bind, /link, /unbind, /issue: codes and who may come in by them. */
export const accessTexts = {
	bindHow: {
		en: "Send the code you got: /bind CODE. You get one from support, or from /link in another chat of yours.",
		"zh-CN": "请发送您收到的绑定码：/bind 绑定码。绑定码可向客服索取，或在您的另一个聊天中用 /link 生成。",
		ru: "Пришлите полученный код: /bind КОД. Код даёт поддержка или команда /link в другом вашем чате.",
	},
	boundPlan: {
		en: "Done. Your plan is now **{plan}**. /usage shows your tokens.",
		"zh-CN": "已开通套餐 **{plan}**。用 /usage 查看额度。",
		ru: "Готово. Ваш тариф теперь **{plan}**. Токены покажет /usage.",
	},
	boundPlanUntil: {
		en: "Done. Your plan is now **{plan}**, until {day}. /usage shows your tokens.",
		"zh-CN": "已开通套餐 **{plan}**，有效期至 {day}。用 /usage 查看额度。",
		ru: "Готово. Ваш тариф теперь **{plan}**, до {day}. Токены покажет /usage.",
	},
	boundLink: {
		en: "Done. This chat now belongs to your other account ({owner}): same plan, same tokens, same settings, and /export there holds what is written here. /unbind undoes it.",
		"zh-CN":
			"已完成。此聊天现已接入您的另一个账户（{owner}）：套餐、额度和设置都相同，在那边用 /export 也能导出这里的内容。用 /unbind 可以解除。",
		ru: "Готово. Этот чат теперь относится к вашему другому аккаунту ({owner}): тот же тариф, те же токены, те же настройки, а /export там выгрузит и написанное здесь. Отменить: /unbind.",
	},
	bindAsk: {
		en: "This code joins this chat to another account ({owner}). **What this chat has of its own is erased**: its conversations, settings and keys. Whoever owns that account can read what you write here from then on. If you did not make the code yourself, do nothing.\n\nTo go on, press the button or write `/bind {token}` within 10 minutes.",
		"zh-CN":
			"此绑定码会将此聊天接入另一个账户（{owner}）。**此聊天自己的内容将被清除**：对话、设置和密钥。此后，那个账户的主人可以看到您在这里写的内容。如果绑定码不是您本人生成的，请不要操作。\n\n如需继续，请在 10 分钟内按下按钮，或发送 `/bind {token}`。",
		ru: "Этот код подключит чат к другому аккаунту ({owner}). **Всё своё этот чат потеряет**: диалоги, настройки и ключи. Владелец того аккаунта сможет читать всё, что вы напишете здесь. Если код создали не вы сами, ничего не делайте.\n\nЧтобы продолжить, нажмите кнопку или напишите `/bind {token}` в течение 10 минут.",
	},
	bindButton: { en: "Join that account", "zh-CN": "接入该账户", ru: "Подключить к аккаунту" },
	codeInGroup: {
		en: "A bind code was shown to everybody here, so I have made it worthless. Get a new one and send it to me in a private chat.",
		"zh-CN": "绑定码在群里已被所有人看到，我已将其作废。请重新获取，并在私聊中发给我。",
		ru: "Код привязки увидели все в группе, поэтому я его аннулировал. Получите новый и пришлите мне в личном чате.",
	},
	link: {
		en: "To join another chat to this account, send this code to me **there**, in a private chat:\n\n`/bind {code}`\n\nIt works once and until {when}. Whoever uses it spends your tokens: give it to nobody.",
		"zh-CN":
			"要将另一个聊天接入此账户，请在**那边**的私聊中把这个码发给我：\n\n`/bind {code}`\n\n仅可使用一次，有效期至 {when}。使用者将消耗您的额度，请勿给他人。",
		ru: "Чтобы подключить другой чат к этому аккаунту, пришлите мне **там**, в личном чате, этот код:\n\n`/bind {code}`\n\nОн действует один раз и до {when}. Кто им воспользуется, будет тратить ваши токены: никому его не давайте.",
	},
	linkDeep: {
		en: "Or open this link there: {url}",
		"zh-CN": "或在那边打开此链接：{url}",
		ru: "Или откройте там эту ссылку: {url}",
	},
	linkedNotice: {
		en: "Another chat ({platform}, {name}) has just joined your account and spends its tokens. If that was not you, write to support at once.",
		"zh-CN":
			"另一个聊天（{platform}，{name}）刚刚接入您的账户，并将使用您的额度。如果不是您本人操作，请立即联系客服。",
		ru: "К вашему аккаунту только что подключился ещё один чат ({platform}, {name}); он тратит ваши токены. Если это были не вы, сразу напишите в поддержку.",
	},
	unbindAsk: {
		en: "This chat will leave the account: its plan, tokens and settings no longer count here. You start with an account of your own, or, where people come in by invitation only, you need a code to come back. Your other chats keep everything.\n\nTo go on, press the button or write `/unbind {token}` within 10 minutes.",
		"zh-CN":
			"此聊天将退出当前账户：套餐、额度和设置在这里不再有效。您将使用一个新的独立账户；如果仅限受邀加入，则需要绑定码才能回来。其他聊天不受影响。\n\n如需继续，请在 10 分钟内按下按钮，或发送 `/unbind {token}`。",
		ru: "Этот чат покинет аккаунт: тариф, токены и настройки здесь больше не действуют. У вас будет отдельный аккаунт, а там, где вход только по приглашению, для возвращения понадобится код. Остальные ваши чаты сохранят всё.\n\nЧтобы продолжить, нажмите кнопку или напишите `/unbind {token}` в течение 10 минут.",
	},
	unbindButton: { en: "Leave the account", "zh-CN": "退出账户", ru: "Покинуть аккаунт" },
	unbound: {
		en: "Done. This chat has an account of its own now. /start sets it up.",
		"zh-CN": "已完成。此聊天现在使用独立账户。用 /start 进行设置。",
		ru: "Готово. У этого чата теперь свой аккаунт. Настроить: /start.",
	},
	unboundOut: {
		en: "Done. This chat belongs to no account now. People come in here by invitation: send /bind CODE when you have a code.",
		"zh-CN": "已完成。此聊天目前不属于任何账户。这里仅限受邀加入：有绑定码后请发送 /bind 绑定码。",
		ru: "Готово. Этот чат больше не относится ни к какому аккаунту. Вход здесь по приглашению: когда получите код, пришлите /bind КОД.",
	},
	unbindOnly: {
		en: "This is the only chat of your account, so there is nothing to leave. To remove the account, use /delete.",
		"zh-CN": "这是您账户唯一的聊天，无需解绑。如需删除账户，请用 /delete。",
		ru: "Это единственный чат вашего аккаунта, отвязывать не от чего. Удалить аккаунт: /delete.",
	},
	issueHow: {
		en: "Write /issue PLAN, /issue PLAN MONTHS (1 to 120, - for no end) or, where tokens are agreed, /issue PLAN MONTHS TOKENS-A-DAY. Plans: {plans}",
		"zh-CN":
			"用法：/issue 套餐、/issue 套餐 月数（1 到 120，- 表示长期），或对于约定额度的套餐：/issue 套餐 月数 每日token数。套餐：{plans}",
		ru: "Пишите /issue ТАРИФ, /issue ТАРИФ МЕСЯЦЫ (от 1 до 120, - значит бессрочно) или, если токены по договорённости, /issue ТАРИФ МЕСЯЦЫ ТОКЕНЫ-В-ДЕНЬ. Тарифы: {plans}",
	},
	presetHow: {
		en: "Write /preset PRESET for your own account, or /preset PRESET ACCOUNT. It says what opus, sonnet and haiku are for its programs. Presets: {presets}",
		"zh-CN":
			"用法：/preset 预设（您自己的账户）或 /preset 预设 账户编号。它决定该账户的程序使用 opus、sonnet、haiku 时对应的模型。预设：{presets}",
		ru: "Пишите /preset ПРЕСЕТ для своего аккаунта или /preset ПРЕСЕТ АККАУНТ. Пресет определяет, что значат opus, sonnet и haiku для его программ. Пресеты: {presets}",
	},
	presetSet: {
		en: "Done. Programs of the account {account} use the preset {preset} within 5 seconds.",
		"zh-CN": "已设置。账户 {account} 的程序将在 5 秒内使用预设 {preset}。",
		ru: "Готово. Программы аккаунта {account} перейдут на пресет {preset} в течение 5 секунд.",
	},
	presetNobody: {
		en: "There is no account {account} to give the preset {preset} to. Nothing was changed; check the number.",
		"zh-CN": "没有编号为 {account} 的账户，未设置预设 {preset}。请核对编号。",
		ru: "Аккаунта {account} нет, пресет {preset} не назначен. Проверьте номер.",
	},
	issued: {
		en: "Code for **{plan}**, {duration}:\n\n`/bind {code}`\n\nIt works once, in a private chat, until {when}. Send it to the customer only.",
		"zh-CN":
			"套餐 **{plan}** 的绑定码，{duration}：\n\n`/bind {code}`\n\n仅可在私聊中使用一次，有效期至 {when}。请只发给该客户。",
		ru: "Код на тариф **{plan}**, {duration}:\n\n`/bind {code}`\n\nДействует один раз, в личном чате, до {when}. Отправьте его только клиенту.",
	},
	issuedForever: { en: "without end", "zh-CN": "长期有效", ru: "бессрочно" },
} as const satisfies Record<string, Text>;
