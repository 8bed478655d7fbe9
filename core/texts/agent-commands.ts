import type { Text } from "./say.ts";

/** /agents and /skills. */
export const agentTexts = {
	intro: {
		en: "Agents are ready-made roles. Choose who answers you in this chat:",
		"zh-CN": "智能体是预设的角色。请选择由谁在此聊天中回答您：",
		ru: "Агенты — готовые роли. Выберите, кто отвечает вам в этом чате:",
	},
	row: {
		en: "- **{title}** (`{id}`): {summary}",
		"zh-CN": "- **{title}**（`{id}`）：{summary}",
		ru: "- **{title}** (`{id}`): {summary}",
	},
	rowChosen: {
		en: "- ✓ **{title}** (`{id}`): {summary}",
		"zh-CN": "- ✓ **{title}**（`{id}`）：{summary}",
		ru: "- ✓ **{title}** (`{id}`): {summary}",
	},
	withSkills: { en: "Skills: {skills}", "zh-CN": "技能：{skills}", ru: "Навыки: {skills}" },
	how: {
		en: "Press a button, or write for example `/agents {id}`. `/agents none` goes back to the plain assistant.",
		"zh-CN": "请按按钮，或发送例如 `/agents {id}`。发送 `/agents none` 恢复普通助手。",
		ru: "Нажмите кнопку или напишите, например, `/agents {id}`. Вернуть обычного помощника: `/agents none`.",
	},
	none: { en: "There are no agents yet.", "zh-CN": "目前还没有智能体。", ru: "Агентов пока нет." },
	configured: {
		en: "Done. **{title}** answers you here from now on.",
		"zh-CN": "已设置。从现在起由 **{title}** 在这里回答您。",
		ru: "Готово. Теперь здесь отвечает **{title}**.",
	},
	cleared: {
		en: "Done. The plain assistant answers you here again.",
		"zh-CN": "已恢复普通助手。",
		ru: "Готово. Здесь снова отвечает обычный помощник.",
	},
	unknown: {
		en: "There is no agent {id}. /agents lists them.",
		"zh-CN": "没有智能体 {id}。用 /agents 查看列表。",
		ru: "Агента {id} нет. Список: /agents.",
	},
	plainButton: { en: "Plain assistant", "zh-CN": "普通助手", ru: "Обычный помощник" },
	skillsIntro: {
		en: "Skills belong to agents and work when that agent answers:",
		"zh-CN": "技能属于智能体，由该智能体回答时生效：",
		ru: "Навыки принадлежат агентам и действуют, когда отвечает этот агент:",
	},
	skillsUsedBy: { en: "with {agents}", "zh-CN": "适用于 {agents}", ru: "у агентов: {agents}" },
	skillsHow: {
		en: "/agents chooses an agent with its skills.",
		"zh-CN": "用 /agents 选择智能体及其技能。",
		ru: "Выбрать агента с навыками: /agents.",
	},
	ownIntro: {
		en: "In your own agent (/instance):",
		"zh-CN": "在您的专属智能体中（/instance）：",
		ru: "В вашем собственном агенте (/instance):",
	},
	ownRow: {
		en: "- {mark}**{title}** {version} (`{id}`): {summary}",
		"zh-CN": "- {mark}**{title}** {version}（`{id}`）：{summary}",
		ru: "- {mark}**{title}** {version} (`{id}`): {summary}",
	},
	ownHow: {
		en: "`/skills install {id}` gives it one, `/skills remove {id}` takes it away. Nothing that is not on this list is ever installed.",
		"zh-CN": "发送 `/skills install {id}` 安装，`/skills remove {id}` 移除。不在此列表中的技能不会被安装。",
		ru: "`/skills install {id}` добавит навык, `/skills remove {id}` уберёт. Ничего кроме этого списка не устанавливается.",
	},
	ownInstalled: {
		en: "Done. Your own agent has **{title}** {version} in a moment.",
		"zh-CN": "已安装。您的专属智能体稍后即可使用 **{title}** {version}。",
		ru: "Готово. Через мгновение у вашего агента будет **{title}** {version}.",
	},
	ownRemoved: {
		en: "Done. Your own agent does without `{id}` in a moment.",
		"zh-CN": "已移除。您的专属智能体稍后将不再使用 `{id}`。",
		ru: "Готово. Через мгновение ваш агент обойдётся без `{id}`.",
	},
	ownUnknown: {
		en: "There is no skill {id} on the list. /skills shows it.",
		"zh-CN": "列表中没有技能 {id}。用 /skills 查看列表。",
		ru: "Навыка {id} в списке нет. Список: /skills.",
	},
	skillsNone: { en: "There are no skills yet.", "zh-CN": "目前还没有技能。", ru: "Навыков пока нет." },
} as const satisfies Record<string, Text>;
