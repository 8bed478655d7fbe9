import type { InstanceKind, OpenDialogue } from "../accounts/account.ts";
import type { KeyTerms, PresetName } from "../gateway/key-grant.ts";
import type { InstanceDesk } from "../instances/desk.ts";
import type { Balance } from "../ledger/ledger.ts";
import type { Policy } from "../models/model-call.ts";
import type { Chat, Language, Platform, Reply, Sender } from "../pipeline/message.ts";
import type { DialogueWrite } from "../pipeline/turn.ts";
import type { Text } from "../texts/say.ts";
import type { LastTurn } from "../usage/last-turn.ts";
import type { SourceUsage } from "../usage/usage.ts";
import type { ZoneFinder } from "../zones/find-zone.ts";

/** One word after a "/". One file a command; all of them are listed in all-commands.ts. */
export type Command = {
	/** ASCII, lower case, at most 32 characters: what platforms list in their menus. */
	readonly name: string;
	/** Other spellings people type, such as "帮助". Lower case, NFC. */
	readonly aliases: readonly string[];
	/** One line for menus and /help; at most 100 characters. */
	readonly description: Text;
	/** Where it may be run. Outside of them the answer is a request to write privately, and nothing is run. */
	readonly scopes: readonly CommandScope[];
	/** For everybody else it does not exist. */
	readonly staffOnly?: boolean;
	/** Not for programs: a stolen key must not open, carry off or erase the account of a person. */
	readonly peopleOnly?: boolean;
	/** What happens in a group instead, where being silent would do harm (a bind code shown to everybody). */
	readonly runInGroup?: (ctx: CommandContext) => Promise<CommandOutcome>;
	run(ctx: CommandContext): Promise<CommandOutcome>;
};

export type CommandScope = "private" | "group";

export type CommandContext = {
	/** The event behind it, the same when the turn is repeated after a crash. */
	readonly inboxId: string;
	/** What stands behind the command, trimmed, at most ARGS_LENGTH_MAX characters. Untrusted. */
	readonly args: string;
	readonly account: CommandAccount;
	readonly sender: Sender;
	readonly chat: Chat;
	/** The chat's own lane (never the fast one): where its conversation and its running turn are. */
	readonly lane: string;
	readonly language: Language;
	/** IANA name. */
	readonly zone: string;
	readonly plan: ActivePlan | undefined;
	/** Who answers in this chat; undefined: the plain assistant. */
	readonly agentId: string | undefined;
	/** Unfinished dialogues and confirmations of this sender; written back only by compare-and-set (DialogueWrite). */
	readonly dialogues: readonly OpenDialogue[];
	/** When the event was accepted, by the database's clock: what confirmations expire by. */
	readonly now: Date;
	/** Where a person can ask for help, if the operator named a place. */
	readonly supportUrl: string | undefined;
	/** The bot's name for t.me links; undefined where the platform has none. */
	readonly botUsername: string | undefined;
	readonly deps: CommandDeps;
};

export type CommandAccount = {
	readonly id: string;
	readonly policy: Policy;
	readonly isStaff: boolean;
};

export type ActivePlan = {
	readonly id: string;
	readonly name: string;
	/** Undefined: for as long as the account lives. */
	readonly endsAt: Date | undefined;
	readonly instanceKind: InstanceKind;
};

export type CommandOutcome =
	| {
			readonly kind: "reply";
			/** Empty only together with a toast. */
			readonly replies: readonly Reply[];
			readonly dialogues?: readonly DialogueWrite[];
			/** A short line for a pressed button; typed commands never need it. */
			readonly toast?: string;
	  }
	/** Handle `text` as if the person had just written it; `turn` is what it repeats. */
	| { readonly kind: "retry"; readonly text: string; readonly turn: LastTurn; readonly refunded: boolean }
	| { readonly kind: "dialogue"; readonly start: "onboarding" };

/**
 * Everything commands and buttons ask of the rest of core, bound by the composition root. All of it may be called twice for
 * one event (a crash repeats the turn), so each either is idempotent or wastes no more than a short-lived code.
 */
export type CommandDeps = {
	/** All plans that are enabled, cheapest first. */
	listPlans(): Promise<readonly PlanView[]>;
	balance(accountId: string): Promise<Balance>;
	/** Settled usage since `since`, one row a source; micro-tokens. */
	usageBySource(accountId: string, since: Date): Promise<readonly SourceUsage[]>;

	setLanguage(accountId: string, language: Language): Promise<void>;
	setPolicy(accountId: string, policy: Policy): Promise<void>;
	/** False: there is no such account. Undefined: none. */
	setModelPreset(accountId: string, preset: PresetName | undefined): Promise<boolean>;
	/**
	 * Takes effect when the running day of tokens ends: `balance` shows the zone that counts now.
	 *
	 * @throws AppError REQUEST_INVALID with details.reason "unknown_zone" or "changed_recently" (and details.nextChangeAt).
	 */
	changeZone(accountId: string, zone: string): Promise<void>;
	/** The three steps are done. */
	markOnboarded(accountId: string): Promise<void>;
	/** Built once with createZoneFinder from the names the database knows. */
	readonly findZone: ZoneFinder;

	/** Agents that are enabled, with the account's own settings. */
	listAgents(accountId: string): Promise<readonly AgentView[]>;
	listSkills(): Promise<readonly SkillView[]>;
	/** Of the agent in an instance of the account's own; nothing that is not on this list ever gets there. */
	listInstanceSkills(accountId: string): Promise<readonly InstanceSkillView[]>;
	/** Undefined: the list has none like that. */
	installSkill(
		accountId: string,
		skillId: string,
	): Promise<Pick<InstanceSkillView, "title" | "version"> | undefined>;
	/** False: the account had none like that. */
	removeSkill(accountId: string, skillId: string): Promise<boolean>;
	/** Makes the agent answer in this chat from now on. unknown: no such agent, or switched off meanwhile. */
	configureAgent(request: ConfigureAgent): Promise<"configured" | "unknown">;
	/** Back to the plain assistant in this chat. */
	clearAgent(accountId: string, lane: string): Promise<void>;

	/** Forgets the lane's conversation up to now. */
	startNew(lane: string, accountId: string): Promise<void>;
	/** The sender's last message to the model in this lane, and what it came to. Commands do not count. */
	findLastTurn(lane: string, sender: Sender): Promise<LastTurn | undefined>;
	/** Gives back what the turn cost, once; returns micro-tokens given back (0 when nothing was charged or it was done before). */
	refundTurn(turn: LastTurn, accountId: string): Promise<number>;
	/** Stops what runs in this lane for this account; false when nothing does. */
	stopTurn(lane: string, accountId: string): Promise<boolean>;
	/** Queues a dead-lettered event of this very sender again. gone: not his, not dead, or too old. */
	resend(inboxId: string, sender: Sender): Promise<"queued" | "gone">;

	/**
	 * turnId: the event's id, so that a turn repeated after a crash finds its own success.
	 *
	 * @throws AppError BIND_CODE_INVALID, RATE_LIMITED (too many wrong codes; details.retryAfterMs), FORBIDDEN.
	 */
	redeemBindCode(request: {
		/** As it was written; or the id that an answer of kind "asks" named. */
		readonly code: string | { readonly id: string };
		readonly sender: Sender;
		readonly chat: Chat;
		/** The sender's own. */
		readonly language: Language;
		readonly turnId: string;
		/** False once the person was asked. */
		readonly asksFirst: boolean;
	}): Promise<BindOutcome>;
	/** A code everybody in a group has seen: makes it worthless. Silent about whether it existed. */
	revokeExposedBindCode(code: string): Promise<void>;
	/** A fourth live code makes the oldest one worthless. @throws AppError FORBIDDEN. */
	issueLinkCode(accountId: string): Promise<LinkCode>;
	/** @throws AppError REQUEST_INVALID with details.reason "plan-unknown" or "plan-tokens-missing". */
	issuePlanCode(request: {
		readonly planId: string;
		/** Undefined: for as long as the account lives. */
		readonly months: number | undefined;
		/** Whole tokens a day; undefined where the plan has a figure of its own. */
		readonly dailyTokens: number | undefined;
		readonly issuedByAccountId: string;
	}): Promise<IssuedCode>;
	/** True: this chat is the account's only way in, so there is nothing to unbind from. */
	isOnlySender(accountId: string): Promise<boolean>;
	/** only-sender: nothing to unbind from, this chat is the account's only way in. */
	unbindSender(sender: Sender, accountId: string): Promise<"unbound" | "out" | "only-sender">;

	/** The key is shown once. Limits are micro-tokens. @throws AppError when the account has as many live keys as it may. */
	issueKey(
		accountId: string,
		request: KeyTerms & { readonly turnId: string; readonly label: string | undefined },
	): Promise<{ readonly id: string; readonly key: string }>;
	listKeys(accountId: string): Promise<readonly KeyView[]>;
	/** False when the account has no such live key. */
	revokeKey(accountId: string, keyId: string): Promise<boolean>;

	/** The account's own agent. */
	readonly instances: InstanceCommands;

	/** How long raw events are kept: what /privacy promises. */
	readonly retentionDays: number;
	/** JSON text of everything held about the account. */
	exportAccount(accountId: string): Promise<string>;
	/** busy: a call is under way or its reservation not yet resolved; nothing was deleted. */
	deleteAccount(accountId: string): Promise<"deleted" | "busy">;
};

export type InstanceCommands = Pick<InstanceDesk, "create" | "list" | "find" | "change" | "logs" | "use"> & {
	/** One message in this chat that tells how it gets on. The same `followId` again tells nothing more. */
	follow(follow: {
		readonly followId: string;
		readonly chat: Chat;
		readonly accountId: string;
		readonly instanceId: string;
		readonly language: Language;
	}): Promise<void>;
};

export type PlanView = {
	readonly id: string;
	readonly name: string;
	readonly priceCents: number;
	/** Whole tokens; undefined: agreed with each customer. */
	readonly dailyTokens: number | undefined;
};

export type AgentView = {
	readonly id: string;
	readonly title: Text;
	readonly summary: Text;
	/** Skills in use: the account's choice, else those that go with the agent. */
	readonly skills: readonly string[];
};

export type SkillView = { readonly id: string; readonly title: Text; readonly summary: Text };

export type InstanceSkillView = SkillView & { readonly version: string; readonly isChosen: boolean };

export type ConfigureAgent = {
	readonly accountId: string;
	readonly lane: string;
	readonly agentId: string;
	/** Undefined: those the account chose before, else those that go with the agent. */
	readonly skills: readonly string[] | undefined;
};

export type BindOutcome =
	| { readonly kind: "plan"; readonly planName: string; readonly endsAt: Date | undefined }
	/** owner: who writes for the account already. */
	| { readonly kind: "link"; readonly owner: AccountOwner | undefined }
	/** Nothing was done: joining would erase an account that is in use. */
	| { readonly kind: "asks"; readonly owner: AccountOwner | undefined; readonly codeId: string };

export type AccountOwner = { readonly platform: Platform; readonly name: string };

export type IssuedCode = { readonly code: string; readonly expiresAt: Date };

export type LinkCode = {
	/** For typing, such as "ABCDE-12345". */
	readonly code: string;
	/** For t.me/<bot>?start=…; at most 64 characters of [A-Za-z0-9_-]. */
	readonly deepLinkCode: string;
	readonly expiresAt: Date;
};

export type KeyView = Omit<KeyTerms, "source"> & {
	readonly id: string;
	/** What its owner calls it. */
	readonly label: string | undefined;
	/** Of an instance it was made for. */
	readonly instanceId: string | undefined;
	/** As in usage by source. */
	readonly source: string;
	readonly createdAt: Date;
	/** To the hour; undefined: never. */
	readonly lastUsedAt: Date | undefined;
	readonly expiresAt: Date | undefined;
};

/** A plain answer. */
export function toReply(...markdowns: readonly string[]): CommandOutcome {
	return { kind: "reply", replies: markdowns.map((markdown) => ({ markdown })) };
}
