import type { CommandContext, CommandDeps, CommandOutcome, KeyView } from "../commands/command.ts";
import { NO_INSTANCES } from "../instances/testing/no-instances.ts";
import type { Balance } from "../ledger/ledger.ts";
import { MICRO } from "../ledger/ledger.ts";
import type { DialogueWrite } from "../pipeline/turn.ts";
import type { Text } from "../texts/say.ts";
import { createZoneFinder } from "../zones/find-zone.ts";

/** Zones the tests' finder knows: all of this runtime, and names the database has besides. */
export const TEST_ZONES: readonly string[] = [
	...Intl.supportedValuesOf("timeZone"),
	"UTC",
	"Asia/Kolkata",
	"Asia/Kathmandu",
	"Asia/Yangon",
	"Etc/GMT-3",
	"EST5EDT",
	"posixrules",
	"Factory",
	"posix/Europe/Moscow",
];
export const testFindZone = createZoneFinder(TEST_ZONES);

export type Call = { readonly name: string; readonly args: readonly unknown[] };

const NOW = new Date("2026-11-20T14:00:00Z");

function toText(en: string, zh: string, ru: string): Text {
	return { en, "zh-CN": zh, ru };
}

export const TEST_INSTANCE_SKILLS = [
	{
		id: "weather",
		version: "1.0",
		title: toText("Weather", "天气", "Погода"),
		summary: toText("forecasts", "预报", "прогнозы"),
		isChosen: true,
	},
	{
		id: "spike",
		version: "2.0",
		title: toText("Prototypes", "原型", "Прототипы"),
		summary: toText("tries ideas out", "验证想法", "проверяет идеи"),
		isChosen: false,
	},
];

export const TEST_AGENTS = [
	{
		id: "coder",
		title: toText("Coder", "程序员", "Программист"),
		summary: toText("writes and mends code", "编写和修复代码", "пишет и чинит код"),
		skills: ["fix"],
	},
	{
		id: "ops",
		title: toText("Analyst", "运营分析", "Аналитик"),
		summary: toText("reads figures", "解读数据", "читает цифры"),
		skills: [],
	},
];

export const TEST_BALANCE: Balance = {
	grantedMicro: 25_000 * MICRO,
	postedMicro: 1_234 * MICRO + 1,
	pendingMicro: 300 * MICRO,
	availableMicro: 23_465 * MICRO + 999_999,
	resetsAt: new Date("2026-11-20T21:00:00Z"),
	zone: "Europe/Moscow",
	buckets: [
		{
			bucketId: "1",
			kind: "daily",
			grantedMicro: 5_000 * MICRO,
			postedMicro: 1_234 * MICRO + 1,
			pendingMicro: 300 * MICRO,
			endsAt: new Date("2026-11-20T21:00:00Z"),
		},
		{
			bucketId: "2",
			kind: "pack",
			grantedMicro: 20_000 * MICRO,
			postedMicro: 0,
			pendingMicro: 0,
			endsAt: new Date("2026-12-01T00:00:00Z"),
		},
	],
};

/** As one that was made by /key new. */
export const TEST_KEY: KeyView = {
	id: "k1234567",
	label: undefined,
	instanceId: undefined,
	source: "api",
	createdAt: NOW,
	lastUsedAt: undefined,
	expiresAt: undefined,
};

/** Everything answers something sensible; `calls` records what was asked for, `overrides` replace single functions. */
export function createTestDeps(
	overrides: Partial<CommandDeps> = {},
): CommandDeps & { readonly calls: Call[] } {
	const calls: Call[] = [];
	const record =
		<Args extends readonly unknown[], Result>(name: string, answer: (...args: Args) => Result) =>
		async (...args: Args): Promise<Result> => {
			calls.push({ name, args });
			return answer(...args);
		};
	const ignore = () => undefined;
	return {
		calls,
		instances: { ...NO_INSTANCES, follow: record("follow", ignore) },
		listPlans: record("listPlans", () => [
			{ id: "free", name: "Free", priceCents: 0, dailyTokens: 5_000 },
			{ id: "pro_40", name: "Pro", priceCents: 4_000, dailyTokens: 100_000 },
			{ id: "team", name: "Team", priceCents: 0, dailyTokens: undefined },
		]),
		balance: record("balance", () => TEST_BALANCE),
		usageBySource: record("usageBySource", () => [
			{ source: "chat", calls: 3, inputTokens: 900, outputTokens: 335, chargedMicro: 1_234 * MICRO + 1 },
		]),
		setLanguage: record("setLanguage", ignore),
		setPolicy: record("setPolicy", ignore),
		setModelPreset: record("setModelPreset", () => true),
		changeZone: record("changeZone", ignore),
		markOnboarded: record("markOnboarded", ignore),
		findZone: testFindZone,
		listAgents: record("listAgents", () => TEST_AGENTS),
		listSkills: record("listSkills", () => [
			{
				id: "fix",
				title: toText("Fix", "修复", "Починка"),
				summary: toText("finds bugs", "查错", "ищет ошибки"),
			},
		]),
		listInstanceSkills: record("listInstanceSkills", () => TEST_INSTANCE_SKILLS),
		installSkill: record("installSkill", (_: string, id: string) =>
			TEST_INSTANCE_SKILLS.find((skill) => skill.id === id),
		),
		removeSkill: record("removeSkill", (_: string, id: string) => id === "weather"),
		configureAgent: record("configureAgent", () => "configured" as const),
		clearAgent: record("clearAgent", ignore),
		startNew: record("startNew", ignore),
		findLastTurn: record("findLastTurn", () => ({
			inboxId: "41",
			text: "why is the sky blue?",
			result: { replies: [{ markdown: "Rayleigh, Рэлей, 瑞利." }] },
			receivedAt: NOW,
			failed: false,
		})),
		refundTurn: record("refundTurn", () => 0),
		stopTurn: record("stopTurn", () => true),
		resend: record("resend", () => "queued" as const),
		redeemBindCode: record("redeemBindCode", () => ({
			kind: "plan" as const,
			planName: "Pro",
			endsAt: new Date("2026-12-20T00:00:00Z"),
		})),
		revokeExposedBindCode: record("revokeExposedBindCode", ignore),
		issueLinkCode: record("issueLinkCode", () => ({
			code: "ABCDE-12345",
			deepLinkCode: "AAAAAAAAAAAAAAAAAAAAAA",
			expiresAt: new Date("2026-11-20T14:10:00Z"),
		})),
		issuePlanCode: record("issuePlanCode", () => ({
			code: "ABCD-EFGH-1234-5678",
			expiresAt: new Date("2026-11-27T14:00:00Z"),
		})),
		isOnlySender: async () => false,
		unbindSender: record("unbindSender", () => "unbound" as const),
		issueKey: record("issueKey", () => ({ id: "k1234567", key: "rp_k1234567_secret" })),
		listKeys: record("listKeys", () => [TEST_KEY]),
		revokeKey: record("revokeKey", () => true),
		retentionDays: 30,
		exportAccount: record("exportAccount", () => '{"account":"7"}'),
		deleteAccount: record("deleteAccount", () => "deleted" as const),
		...overrides,
	};
}

/** A private Telegram chat of an English speaker in Moscow; `overrides` change what matters to the test. */
export function createTestContext<Deps extends CommandDeps>(
	deps: Deps,
	overrides: Partial<CommandContext> = {},
): CommandContext & { readonly deps: Deps } {
	return {
		inboxId: "42",
		args: "",
		account: { id: "7", policy: "BEST", isStaff: false },
		sender: { platform: "telegram", botId: "100", userId: "5" },
		chat: { platform: "telegram", botId: "100", id: "5", kind: "private" },
		lane: "telegram:100:5",
		language: "en",
		zone: "Europe/Moscow",
		plan: { id: "free", name: "Free", endsAt: undefined, instanceKind: "none" },
		agentId: undefined,
		dialogues: [],
		now: NOW,
		supportUrl: "https://help.example/rockpool",
		botUsername: "rock_bot",
		...overrides,
		deps,
	};
}

export const TEST_GROUP = { platform: "telegram", botId: "100", id: "-9", kind: "group" } as const;

/** All that a person reads of an outcome, buttons included; throws when the outcome is no reply. */
export function readOutcome(outcome: CommandOutcome): string {
	if (outcome.kind !== "reply") throw new Error(`expected a reply, not ${outcome.kind}`);
	const labels = outcome.replies.flatMap(({ buttons }) => (buttons ?? []).flat().map(({ label }) => label));
	return [...outcome.replies.map(({ markdown }) => markdown), ...labels, outcome.toast ?? ""].join("\n");
}

/** The dialogues a sender has after a write, as the next turn would find them. */
export function toOpenDialogues(writes: readonly DialogueWrite[] | undefined): CommandContext["dialogues"] {
	return (writes ?? [])
		.filter(({ state }) => state !== undefined)
		.map(({ kind, state, expectedVersion }) => ({
			kind,
			state: JSON.parse(JSON.stringify(state)),
			version: expectedVersion + 1,
		}));
}
