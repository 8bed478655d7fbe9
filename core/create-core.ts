import type { Knex } from "knex";
import { createTurnContexts } from "./accounts/turn-contexts.ts";
import { createChatKeys } from "./api-keys/chat-keys.ts";
import type { KeyGrants } from "./api-keys/key-grants.ts";
import { createKeyGrants } from "./api-keys/key-grants.ts";
import { bindCommands } from "./bind-commands.ts";
import type { ServedBot } from "./channels/channel-book.ts";
import { createChannelBook } from "./channels/channel-book.ts";
import { createHistories } from "./conversations/histories.ts";
import type { Core } from "./core.ts";
import { findPendingMigrations } from "./db/migrations.ts";
import { listZones } from "./db/zones.ts";
import { runPlainDialogue } from "./dialogues/plain-engine.ts";
import { createInbox } from "./inbox/accept.ts";
import type { FlowLog } from "./inbox/flow-log.ts";
import { createHints } from "./inbox/hints.ts";
import { createResults } from "./inbox/results.ts";
import { requestStop } from "./inbox/stop.ts";
import { createWorker } from "./inbox/worker.ts";
import type { InstanceDesk } from "./instances/desk.ts";
import type { InstanceTalk } from "./instances/talk.ts";
import { createLiveIntents } from "./intents/live-intents.ts";
import type { Ledger } from "./ledger/ledger.ts";
import { countTokens } from "./models/count-tokens.ts";
import type { Models } from "./models/model-call.ts";
import { handleMessage } from "./pipeline/handle-message.ts";
import type { Platform } from "./pipeline/message.ts";
import type { PipelineDeps, PipelineSettings } from "./pipeline/pipeline-deps.ts";
import { createSenderPace } from "./pipeline/sender-pace.ts";
import { createPlans } from "./plans/cached-plans.ts";
import { readDayUsage } from "./usage/day-usage.ts";
import { createZoneFinder } from "./zones/find-zone.ts";

export type CoreOptions = {
	readonly db: Knex;
	/** For the one connection that listens; the same database as `db`. */
	readonly databaseUrl: string;
	readonly bots: readonly ServedBot[];
	/** A bot's public name for t.me links and addressed commands, once it is known. */
	readonly usernameOf: (platform: Platform, botId: string) => string | undefined;
	readonly ledger: Ledger;
	readonly models: Models;
	/** talk: undefined where no instance could be reached. */
	readonly instances: { readonly desk: InstanceDesk; readonly talk: InstanceTalk | undefined };
	/** Agents and skills, as they are remembered for a moment. */
	readonly loadCatalog: PipelineDeps["loadCatalog"];
	readonly log: FlowLog;
	readonly settings: PipelineSettings;
	/** Turns at a time on this node. */
	readonly concurrency: number;
	readonly leaseTtlMs: number;
	readonly retentionDays: number;
};

/** The door, and the work behind it. */
export type RunningCore = Core & {
	/** Keys of programs, as every way in knows them. */
	readonly keys: KeyGrants;
	/** Begins to answer what was accepted. */
	start(): void;
	/** Lets running turns finish for a bounded time and gives the rest back to other nodes. */
	stop(): Promise<void>;
};

/** Binds the parts of core to each other; holds no logic. Reads the zones and the intent rules once before it answers. */
export async function createCore(options: CoreOptions): Promise<RunningCore> {
	const { db, databaseUrl, bots, ledger, models, log, settings } = options;
	const channels = createChannelBook(bots);
	const hints = createHints({ url: databaseUrl, log });
	const results = createResults({ db, hints });
	const keyGrants = createKeyGrants(db);
	const intents = createLiveIntents({
		db,
		onError: (err) => log.warn({ err }, "intent rules not read again"),
	});
	await intents.reload();
	const { loadCatalog } = options;
	const stopTurn = async (inboxId: string): Promise<boolean> => {
		const isAsked = await requestStop(db, inboxId);
		// This node, where most stops belong, need not wait for the notification.
		hints.emit("stop", inboxId);
		return isAsked;
	};
	const pace = createSenderPace();
	const commands = bindCommands({
		db,
		pace,
		ledger,
		channels,
		keyGrants,
		findZone: createZoneFinder(await listZones(db)),
		settings,
		retentionDays: options.retentionDays,
		accept: async (event) => await inbox.accept(event),
		instances: options.instances.desk,
		stopTurn,
		loadCatalog,
		loadPlans: createPlans(db),
	});
	const { desk, talk } = options.instances;
	const pipeline: PipelineDeps = {
		instances: talk === undefined ? undefined : { find: desk.find, change: desk.change, ask: talk.ask },
		...{ db, ledger, models, commands, settings, loadCatalog, countTokens },
		matchIntents: intents.match,
		findContext: createTurnContexts(db),
		loadHistory: createHistories(db),
		dialogueEngine: (platform, botId) => channels.find(platform, botId)?.runDialogue ?? runPlainDialogue,
		botUsername: options.usernameOf,
		pace,
	};
	const worker = createWorker({
		db,
		channels,
		ledger,
		hints,
		results,
		log,
		handle: async (turn) => await handleMessage(pipeline, turn),
		concurrency: options.concurrency,
		leaseTtlMs: options.leaseTtlMs,
	});
	const inbox = createInbox({ db, log, worker });

	return {
		accept: inbox.accept,
		waitForResult: results.waitForResult,
		watchText: worker.watchText,
		requestStop: async (inboxId) => void (await stopTurn(inboxId)),
		keys: keyGrants,
		instances: desk,
		authenticateKey: createChatKeys(keyGrants),
		readUsage: async (accountId) => await readDayUsage({ db, ledger }, accountId, new Date()),
		isReady: async () => await isReady(db),
		start() {
			hints.start();
			worker.start();
		},
		async stop() {
			await worker.stop();
			results.stop();
			await hints.stop();
		},
	};
}

async function isReady(db: Knex): Promise<boolean> {
	try {
		return (await findPendingMigrations(db)).length === 0;
	} catch {
		return false;
	}
}
