import type { Knex } from "knex";
import { unbindSender } from "./accounts/unbind-sender.ts";
import type { Catalog } from "./agents/agent.ts";
import { clearAgent, configureAgent } from "./agents/configure-agent.ts";
import { issueKey } from "./api-keys/issue-key.ts";
import type { KeyGrants } from "./api-keys/key-grants.ts";
import { issueLinkCode, issuePlanCode } from "./bind-codes/issue-code.ts";
import type { RedeemOutcome } from "./bind-codes/redeem-code.ts";
import { redeemBindCode, revokeExposedCode } from "./bind-codes/redeem-code.ts";
import type { ChannelBook } from "./channels/channel-book.ts";
import { toOwner } from "./commands/access/account-owner.ts";
import type { AgentView, BindOutcome, CommandDeps } from "./commands/command.ts";
import type { Core } from "./core.ts";
import { markOnboarded, setLanguage, setModelPreset, setPolicy } from "./db/accounts.ts";
import { listAgentConfigs } from "./db/agents.ts";
import { listKeys, revokeKey } from "./db/api-keys.ts";
import { startNew } from "./db/conversations.ts";
import { listOfferedSkills } from "./db/instance-skills.ts";
import { wishAccountConfigured } from "./db/instance-wishes.ts";
import { findSenderAccount, listSenders } from "./db/senders.ts";
import { usageBySource } from "./db/usage.ts";
import { AppError } from "./errors.ts";
import { crashPoint } from "./inbox/crash-point.ts";
import { sendFollow } from "./inbox/follow.ts";
import { sendNotice } from "./inbox/notice.ts";
import { resend } from "./inbox/resend.ts";
import { findRunningTurn } from "./inbox/stop.ts";
import { installSkill, removeSkill } from "./instances/change-skills.ts";
import type { InstanceDesk } from "./instances/desk.ts";
import { changeZone } from "./ledger/accounts.ts";
import type { Ledger } from "./ledger/ledger.ts";
import type { Inbound, Language } from "./pipeline/message.ts";
import type { PipelineSettings } from "./pipeline/pipeline-deps.ts";
import type { SenderPace } from "./pipeline/sender-pace.ts";
import type { Plan } from "./plans/plan.ts";
import { deleteAccount } from "./privacy/delete-account.ts";
import { exportAccount } from "./privacy/export-account.ts";
import { accessTexts } from "./texts/access.ts";
import { quoteText } from "./texts/format.ts";
import { say } from "./texts/say.ts";
import { findLastTurn } from "./usage/last-turn.ts";
import { refundTurn } from "./usage/refund-turn.ts";
import type { ZoneFinder } from "./zones/find-zone.ts";

/** An export may be 20 MB, read and written at once. */
const EXPORTS_PER_MINUTE = 2;

export type CommandParts = {
	readonly db: Knex;
	readonly ledger: Pick<Ledger, "balance">;
	readonly channels: ChannelBook;
	readonly keyGrants: Pick<KeyGrants, "forget">;
	readonly findZone: ZoneFinder;
	readonly settings: PipelineSettings;
	readonly retentionDays: number;
	readonly pace: SenderPace;
	readonly accept: Core["accept"];
	readonly instances: InstanceDesk;
	/** False when the turn has its answer already, or was asked before. */
	stopTurn(inboxId: string): Promise<boolean>;
	loadCatalog(): Promise<Catalog>;
	loadPlans(): Promise<readonly Plan[]>;
};

/** What commands ask of core, bound to it. No logic beyond joining what lies in different places. */
export function bindCommands(parts: CommandParts): CommandDeps {
	const { db, ledger, keyGrants, findZone, settings, retentionDays, accept, loadPlans } = parts;
	const { pepper } = settings;
	const readEvent: Parameters<typeof resend>[0]["toInbound"] = ({ platform, botId, eventId, body }) =>
		parts.channels.find(platform, botId)?.toInbound(body, { botId, eventId });
	return {
		...bindSettings(parts),
		findZone,
		retentionDays,
		listPlans: loadPlans,
		balance: async (accountId) => await ledger.balance(accountId),
		usageBySource: async (accountId, since) => await usageBySource(db, accountId, since),

		startNew: async (lane, accountId) => await startNew(db, lane, accountId),
		findLastTurn: async (lane, sender) =>
			await findLastTurn(db, lane, sender, (turn) => readEvent(turn) ?? unreadable(turn)),
		refundTurn: async ({ inboxId }, accountId) =>
			await refundTurn(db, { inboxId, accountId, source: "retry" }),
		stopTurn: async (lane, accountId) => {
			const running = await findRunningTurn(db, lane);
			const sender = running === undefined ? undefined : readEvent(running)?.sender;
			if (running === undefined || sender === undefined) return false;
			if ((await findSenderAccount(db, sender)) !== accountId) return false;
			return await parts.stopTurn(running.inboxId);
		},
		resend: async (inboxId, sender) => await resend({ db, accept, toInbound: readEvent }, inboxId, sender),

		redeemBindCode: async (request) => await redeem(parts, request),
		revokeExposedBindCode: async (code) => await revokeExposedCode(db, pepper, code),
		issueLinkCode: async (accountId) => await issueLinkCode(db, pepper, accountId),
		issuePlanCode: async ({ dailyTokens, ...request }) =>
			await issuePlanCode(db, pepper, { ...request, ...(dailyTokens !== undefined && { dailyTokens }) }),
		isOnlySender: async (accountId) => (await listSenders(db, accountId)).length <= 1,
		unbindSender: async (sender, accountId) =>
			await unbindSender(db, pepper, sender, accountId, settings.joinMode),

		issueKey: async (accountId, { turnId, ...wish }) =>
			await issueKey(db, accountId, { ...wish, issuedIn: turnId }),
		listKeys: async (accountId) => await listKeys(db, accountId),
		revokeKey: async (accountId, keyId) => {
			const isRevoked = await revokeKey(db, accountId, keyId);
			keyGrants.forget(accountId);
			return isRevoked;
		},

		instances: {
			...parts.instances,
			async follow(follow) {
				await sendFollow(accept, follow);
				crashPoint("instance-follow-stored");
			},
		},

		exportAccount: async (accountId) => {
			const outcome = parts.pace.take(`export:${accountId}`, EXPORTS_PER_MINUTE);
			if (outcome.kind === "allowed") return await exportAccount(db, accountId);
			throw new AppError("RATE_LIMITED", "an account is exported again and again", {
				details: { retryAfterMs: outcome.retryAfterMs },
			});
		},
		deleteAccount: async (accountId) => {
			const outcome = await deleteAccount(db, pepper, accountId);
			keyGrants.forget(accountId);
			return outcome;
		},
	};
}

function bindSettings({ db, loadCatalog }: CommandParts) {
	return {
		setLanguage: async (...args: Rest<typeof setLanguage>) => await setLanguage(db, ...args),
		setPolicy: async (...args: Rest<typeof setPolicy>) => await setPolicy(db, ...args),
		setModelPreset: async (...args: Rest<typeof setModelPreset>) => await setModelPreset(db, ...args),
		changeZone: async (...args: Rest<typeof changeZone>) => await changeZone(db, ...args),
		markOnboarded: async (accountId: string) => await markOnboarded(db, accountId),
		listAgents: async (accountId: string) => await listAgents(db, await loadCatalog(), accountId),
		listSkills: async () => (await loadCatalog()).skills,
		listInstanceSkills: async (accountId: string) => await listOfferedSkills(db, accountId),
		installSkill: async (...args: Rest<typeof installSkill>) => await installSkill(db, ...args),
		removeSkill: async (...args: Rest<typeof removeSkill>) => await removeSkill(db, ...args),
		configureAgent: async (request: Rest<typeof configureAgent>[0]) => {
			const outcome = await configureAgent(db, request);
			// Who lives in the account's own instance is told in its files.
			if (outcome === "configured") await wishAccountConfigured(db, request.accountId);
			return outcome;
		},
		clearAgent: async (...args: Rest<typeof clearAgent>) => await clearAgent(db, ...args),
	};
}

/** A function's parameters without the database. */
// biome-ignore lint/suspicious/noExplicitAny: only `any` fits every parameter list
type Rest<F extends (db: Knex, ...rest: any[]) => unknown> = F extends (db: Knex, ...rest: infer R) => unknown
	? R
	: never;

async function listAgents(db: Knex, catalog: Catalog, accountId: string): Promise<readonly AgentView[]> {
	const configs = await listAgentConfigs(db, accountId);
	return catalog.agents.map(({ id, title, summary, skills }) => {
		const config = configs.find(({ agentId }) => agentId === id);
		return { id, title, summary, skills: config?.skills ?? skills };
	});
}

/** Redeems, and tells everybody else of the account that somebody joined (source: security S2). */
async function redeem(
	{ db, settings, accept }: CommandParts,
	request: Parameters<CommandDeps["redeemBindCode"]>[0],
): Promise<BindOutcome> {
	const { languageDefault: language, zoneDefault: zone, pepper } = settings;
	const outcome = await redeemBindCode(db, pepper, { ...request, language, zone });
	if (outcome.kind === "plan") return { kind: "plan", planName: outcome.planName, endsAt: outcome.endsAt };
	const owner = toOwner(outcome.others);
	if (outcome.kind === "asks") return { kind: "asks", owner, codeId: outcome.codeId };
	await tellOthers(accept, language, outcome, request);
	return { kind: "link", owner };
}

async function tellOthers(
	accept: Core["accept"],
	language: Language,
	{ others }: Extract<RedeemOutcome, { kind: "link" }>,
	{ sender, turnId }: Parameters<CommandDeps["redeemBindCode"]>[0],
): Promise<void> {
	const name = sender.displayName ?? sender.userId;
	const markdown = say(accessTexts.linkedNotice, language, {
		platform: sender.platform,
		name: quoteText(name),
	});
	for (const { platform, botId, userId } of others) {
		await sendNotice(accept, {
			noticeId: `link:${turnId}:${userId}`,
			// A private chat has its person's id.
			chat: { platform, botId, id: userId, kind: "private" },
			replies: [{ markdown }],
		});
	}
}

function unreadable({ platform, botId }: { platform: Inbound["chat"]["platform"]; botId: string }): Inbound {
	const chat = { platform, botId, id: "", kind: "private" as const };
	return { chat, content: { kind: "ignored", why: "this node does not serve its bot" } };
}
