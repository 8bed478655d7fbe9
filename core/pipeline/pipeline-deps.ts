import type { Knex } from "knex";
import type { TurnContext, TurnKey } from "../accounts/account.ts";
import type { Catalog } from "../agents/agent.ts";
import type { CommandDeps } from "../commands/command.ts";
import type { HistoryKey, HistoryMessage } from "../conversations/conversation.ts";
import type { DialogueEngine } from "../dialogues/script.ts";
import type { InstanceDesk } from "../instances/desk.ts";
import type { InstanceTalk } from "../instances/talk.ts";
import type { IntentMatcher } from "../intents/intent.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Models } from "../models/model-call.ts";
import type { Language, Platform, Sender } from "./message.ts";
import type { SenderPace } from "./sender-pace.ts";

/** What the stages need, bound once in create-core.ts. */
export type PipelineDeps = {
	readonly db: Knex;
	readonly ledger: Pick<Ledger, "balance">;
	readonly models: Pick<Models, "call">;
	/** Agents of their own that accounts have; undefined: this house has none. */
	readonly instances: (Pick<InstanceDesk, "find" | "change"> & InstanceTalk) | undefined;
	readonly commands: CommandDeps;
	readonly matchIntents: IntentMatcher;
	findContext(key: TurnKey): Promise<TurnContext | undefined>;
	loadHistory(key: HistoryKey): Promise<readonly HistoryMessage[]>;
	loadCatalog(): Promise<Catalog>;
	countTokens(text: string): Promise<number>;
	/** The channel's own dialogue engine, else the plain one. */
	dialogueEngine(platform: Platform, botId: string): DialogueEngine;
	/** The bot's public name for t.me links and addressed commands. */
	botUsername(platform: Platform, botId: string): string | undefined;
	readonly pace: SenderPace;
	readonly settings: PipelineSettings;
};

export type PipelineSettings = {
	readonly joinMode: "auto" | "invite";
	/** Key of the hashes of bind codes and tombstones. Never logged. */
	readonly pepper: string;
	readonly languageDefault: Language;
	readonly zoneDefault: string;
	readonly supportUrl: string | undefined;
	readonly historyTokensMax: number;
	readonly outputTokensMax: number;
	/** Named by the operator as staff, also before they ever wrote. */
	isStaff(sender: Sender): boolean;
};
