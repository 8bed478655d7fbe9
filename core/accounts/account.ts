import type { Phase } from "../instances/instance.ts";
import type { BusyStrategy, CallerPlan, Policy } from "../models/model-call.ts";
import type { Language, Platform, Sender } from "../pipeline/message.ts";

/** Who wrote, without the name: the identity (ASVS 6.8.1). */
export type SenderKey = Pick<Sender, "platform" | "botId" | "userId">;

/** A sender in one lane: what a turn is looked up by. */
export type TurnKey = SenderKey & { readonly lane: string };

/** Everything the pipeline must know about a sender before it decides, read once a turn. */
export type TurnContext = {
	/** Undefined: the sender has written before but has no account (invite-only). */
	readonly account: AccountContext | undefined;
	readonly isStaff: boolean;
	/** False after the platform said that the bot is blocked; a message proves the contrary: see `touchSender`. */
	readonly reachable: boolean;
	readonly displayName: string | undefined;
	readonly dialogues: readonly OpenDialogue[];
};

export type AccountContext = {
	readonly accountId: string;
	/** A deleted account has no senders, so it is never seen here. */
	readonly status: "active" | "banned";
	readonly language: Language;
	/** IANA name, the one chosen last: times are shown in it at once, also while the day under way still ends by the former one. */
	readonly zone: string;
	readonly policy: Policy;
	/** Provider ids in the account's own order; only plans with custom_order use it. */
	readonly routeOrder: readonly string[];
	readonly onboarded: boolean;
	/** Undefined: none. See `requireSubscription` for one whose time is over. */
	readonly subscription: SubscriptionContext | undefined;
	/** Messages of the lane up to this id are forgotten for this account. */
	readonly conversationStartsAfter: string;
	/** The agent the account talks to; undefined: the plain assistant. */
	readonly agent: AgentChoice | undefined;
	/** The one of its own that is to run; undefined: none is. */
	readonly instance: InstanceContext | undefined;
};

/** An account's instance as a turn needs it. */
export type InstanceContext = {
	readonly instanceId: string;
	/** Whose runtime has it. */
	readonly host: string;
	readonly generation: number;
	/** asleep: it is stopped, and somebody's message starts it. */
	readonly phase: Phase | "asleep";
};

export type SubscriptionContext = {
	readonly subscriptionId: string;
	/** False: its time is over and it was not ended yet. */
	readonly live: boolean;
	readonly endsAt: Date | undefined;
	/** Whole tokens. */
	readonly dailyTokens: number;
	readonly planName: string;
	readonly instanceKind: InstanceKind;
	readonly caller: CallerPlan;
};

export type InstanceKind = "none" | "shared" | "container" | "dedicated" | "project";

/** What an account chose; titles and persona are in the agent catalog. */
export type AgentChoice = {
	readonly agentId: string;
	readonly skills: readonly string[];
	/** The user's own words about how the agent should be. */
	readonly customSoul: string | undefined;
};

export type OpenDialogue = { readonly kind: string; readonly state: unknown; readonly version: number };

/** Row of turn_contexts(): a left join, so most of it may be absent. */
export type TurnContextRow = {
	readonly place: string;
	readonly account_id: string | null;
	readonly display_name: string | null;
	readonly reachable: boolean;
	readonly is_staff: boolean;
	readonly status: "active" | "banned" | "deleted" | null;
	readonly language: Language;
	readonly policy: Policy;
	readonly route_order: string[];
	readonly onboarded: boolean;
	readonly zone: string | null;
	readonly subscription_id: string | null;
	readonly subscription_live: boolean;
	readonly ends_at: Date | null;
	readonly daily_tokens: string | null;
	readonly plan_id: string;
	readonly plan_name: string;
	readonly concurrency: number;
	readonly priority: number;
	readonly busy_strategy: BusyStrategy;
	readonly instance_kind: InstanceKind;
	readonly starts_after_id: string;
	readonly agent_id: string | null;
	readonly agent_skills: string[];
	readonly custom_soul: string | null;
	readonly dialogues: OpenDialogue[] | null;
	readonly instance_id: string | null;
	readonly instance_host: string;
	readonly instance_generation: string;
	readonly instance_phase: InstanceContext["phase"];
};

/** A sender as a notice is addressed to. */
export type SenderAddress = SenderKey & {
	readonly platform: Platform;
	readonly displayName: string | undefined;
};
