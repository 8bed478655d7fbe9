import type { Knex } from "knex";
import type { Ingress, IngressOptions } from "../bots/http/create-ingress.ts";
import { createIngress } from "../bots/http/create-ingress.ts";
import { createHttpChannel } from "../bots/http/http-channel.ts";
import type { RunningTelegram } from "../bots/telegram/ingress/start-ingress.ts";
import type { Telegram } from "../bots/telegram/start-telegram.ts";
import { createTelegram } from "../bots/telegram/start-telegram.ts";
import type { Terminal } from "../bots/terminal/create-terminal.ts";
import { createCatalog } from "../core/agents/cached-catalog.ts";
import { postAlerts } from "../core/alerts/post-alerts.ts";
import { tellChats } from "../core/alerts/tell-chats.ts";
import type { ServedBot } from "../core/channels/channel-book.ts";
import { COMMAND_MENU } from "../core/commands/all-commands.ts";
import type { Config } from "../core/config.ts";
import type { RunningCore } from "../core/create-core.ts";
import { createCore } from "../core/create-core.ts";
import { deleteOldPeople } from "../core/db/people-retention.ts";
import { syncStaff } from "../core/db/senders.ts";
import type { Gateway } from "../core/gateway/gateway.ts";
import { crashPoint } from "../core/inbox/crash-point.ts";
import { deleteIdleLanes, deleteOldInbox } from "../core/inbox/retention.ts";
import { blankOldSecretAnswers } from "../core/inbox/secret-answers.ts";
import { toStorableJson } from "../core/inbox/storable-json.ts";
import { tellEvents } from "../core/instances/monitor/tell-events.ts";
import { gatewayJobs } from "../core/jobs/gateway-jobs.ts";
import { instanceJobs } from "../core/jobs/instance-jobs.ts";
import type { CronJob, LoopJob, RunningJobs } from "../core/jobs/job.ts";
import { ledgerJobs, ledgerLoops } from "../core/jobs/ledger-jobs.ts";
import { startJobs } from "../core/jobs/start-jobs.ts";
import { createLedger } from "../core/ledger/create-ledger.ts";
import type { Logger } from "../core/log.ts";
import type { Platform, Sender } from "../core/pipeline/message.ts";
import { endSubscriptions } from "../core/plans/end-subscriptions.ts";
import type { Secrets } from "../core/secrets/create-secrets.ts";
import { createIsStaff } from "../core/staff/is-staff.ts";
import { during } from "./compose/explain.ts";
import { composeGateway } from "./compose/gateway.ts";
import type { ComposedInstances } from "./compose/instances.ts";
import { composeInstances } from "./compose/instances.ts";
import type { ComposedModels } from "./compose/models.ts";
import { composeModels } from "./compose/models.ts";
import type { PlatformSecrets } from "./compose/platform-secrets.ts";
import { readPlatformSecrets } from "./compose/platform-secrets.ts";

/** How soon somebody hears of what happened. */
const TELL_EVERY_MS = 2_000;

export type AppParts = {
	readonly config: Config;
	readonly db: Knex;
	readonly databaseUrl: string;
	readonly secrets: Secrets;
	readonly log: Logger;
	readonly terminal?: Terminal;
	/** Other limits than the usual ones of the HTTP listener. */
	readonly httpLimits?: HttpLimits;
};

export type HttpLimits = Pick<IngressOptions, "limits" | "chatLimits" | "gatewayLimits">;

export type App = {
	readonly core: RunningCore;
	/** Where the HTTP listener is. */
	readonly address: { readonly host: string; readonly port: number };
	/** Every bot takes updates in. */
	readonly telegramReady: Promise<void>;
	/** In order: no new input, running turns end, the rest goes to other nodes. Under 10 s in all. */
	stop(): Promise<void>;
};

/** Puts every part together over a migrated database and starts it: the only place that knows them all. */
export async function composeApp(parts: AppParts): Promise<App> {
	const running: Running = {};
	try {
		return await startParts(parts, running);
	} catch (error) {
		await stopAll(running);
		throw error;
	}
}

/** What was started so far. */
type Running = {
	core?: RunningCore;
	ingress?: Ingress;
	updates?: RunningTelegram | undefined;
	telegram?: Telegram | undefined;
	jobs?: RunningJobs;
	models?: ComposedModels;
	instances?: ComposedInstances;
};

async function startParts(parts: AppParts, running: Running): Promise<App> {
	const { config, db, databaseUrl, log } = parts;
	const platformSecrets = await readPlatformSecrets(parts);
	await syncStaff(db, config.staff.map(toSenderKey));
	const ledger = createLedger({ db });
	const models = await composeModels({
		...parts,
		ledger,
		onStep: (step) => crashPoint(step),
	});
	running.models = models;
	const loadCatalog = createCatalog(db);
	const instances = await composeInstances({ ...parts, loadCatalog, egress: models.egress });
	running.instances = instances;
	const telegram = config.telegram.tokens.length === 0 ? undefined : openTelegram(parts, platformSecrets);
	running.telegram = telegram;
	const core = await createCore({
		db,
		databaseUrl,
		bots: toBots(parts, telegram),
		usernameOf: (platform, botId) => (platform === "telegram" ? telegram?.usernameOf(botId) : undefined),
		ledger,
		models,
		instances,
		loadCatalog,
		log,
		settings: toPipelineSettings(config, platformSecrets),
		concurrency: config.turnConcurrency,
		leaseTtlMs: config.leaseTtlMs,
		retentionDays: config.inboxRetentionDays,
	});
	running.core = core;
	core.start();
	const updates = telegram?.start(core);
	running.updates = updates;
	const { ingress, address } = await during(
		`cannot listen at HOST ${config.host}, PORT ${config.port}`,
		async () =>
			await listen(parts, core, composeGateway({ ...parts, ledger, models, keys: core.keys }), updates),
	);
	running.ingress = ingress;
	const instanceLoops = await instances.start({ address, listenAlso: ingress.listenAlso });
	running.jobs = startJobs({
		url: databaseUrl,
		db,
		log,
		jobs: [...toJobs(config), ...instances.jobs],
		loops: [...toLoops(parts, running), ...instanceLoops],
	});
	return {
		core,
		address,
		telegramReady: updates?.ready ?? Promise.resolve(),
		stop: async () => await stopAll(running),
	};
}

function openTelegram({ config, log }: AppParts, { webhookSecrets }: PlatformSecrets): Telegram {
	const { tokens, apiRoot, mode } = config.telegram;
	return createTelegram({
		tokens,
		apiRoot,
		mode:
			mode === "webhook"
				? { kind: "webhook", publicUrl: config.publicUrl ?? "", secrets: webhookSecrets }
				: { kind: "polling" },
		commands: COMMAND_MENU,
		toStorableJson,
		log,
	});
}

/** Named one by one where nodes may hold different bots: the lanes of the others are left to their nodes. */
function toBots({ config, terminal }: AppParts, telegram: Telegram | undefined): readonly ServedBot[] {
	const botIds = config.telegram.tokens.map((token) => token.split(":")[0] ?? "");
	return [
		{ botId: "*", channel: createHttpChannel() },
		...(telegram === undefined ? [] : botIds.map((botId) => ({ botId, channel: telegram.channel }))),
		...(terminal === undefined ? [] : [{ botId: "*", channel: terminal.channel }]),
	];
}

/** A chat in the terminal needs no certain port: a second one may be open on this machine. Everybody else gets his or an error. */
async function listen(
	{ config, log, terminal, httpLimits }: AppParts,
	core: RunningCore,
	gateway: Gateway,
	updates: RunningTelegram | undefined,
): Promise<{ readonly ingress: Ingress; readonly address: App["address"] }> {
	const open = (port: number): Ingress =>
		createIngress({
			core,
			gateway,
			log,
			host: config.host,
			port,
			...httpLimits,
			...(updates?.handler !== undefined && { handlers: [updates.handler] }),
			...(config.supportUrl !== undefined && { supportUrl: config.supportUrl }),
		});
	const ingress = open(config.port);
	try {
		return { ingress, address: await ingress.listen() };
	} catch (error) {
		if (terminal === undefined || (error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
		log.warn({ port: config.port }, "the port is taken; listening on a free one");
		const other = open(0);
		return { ingress: other, address: await other.listen() };
	}
}

function toPipelineSettings(config: Config, { pepper }: PlatformSecrets) {
	return {
		joinMode: config.joinMode,
		pepper,
		languageDefault: config.languageDefault,
		zoneDefault: config.zoneDefault,
		supportUrl: config.supportUrl,
		historyTokensMax: config.historyTokensMax,
		outputTokensMax: config.outputTokensMax,
		isStaff: createIsStaff(config.staff),
	};
}

function toSenderKey(entry: string): Pick<Sender, "platform" | "botId" | "userId"> {
	const [platform = "", botId = "", userId = ""] = entry.split(":");
	// The configuration allows no other platform.
	return { platform: platform as Platform, botId, userId };
}

function toJobs(config: Config): readonly CronJob[] {
	const days = config.inboxRetentionDays;
	return [
		...ledgerJobs,
		...gatewayJobs,
		...instanceJobs,
		{ name: "subscriptions-end", cron: "* * * * *", run: async (db) => await endSubscriptions(db) },
		{ name: "secrets-blank", cron: "*/5 * * * *", run: async (db) => await blankOldSecretAnswers(db) },
		{ name: "inbox-retention", cron: "23 * * * *", run: async (db) => await deleteOldInbox(db, days) },
		{ name: "lane-retention", cron: "41 4 * * *", run: async (db) => await deleteIdleLanes(db, days) },
		{ name: "people-retention", cron: "11 4 * * *", run: async (db) => await deleteOldPeople(db) },
	];
}

/** What every node does: who is told of what is decided by rows, so that nodes may meet in it. */
function toLoops({ config, log }: AppParts, { core, models }: Running): readonly LoopJob[] {
	const { alertHook: hook } = config;
	if (core === undefined || models === undefined) return ledgerLoops;
	const { accept } = core;
	const { egress } = models;
	return [
		...ledgerLoops,
		{ name: "instance-events", everyMs: TELL_EVERY_MS, run: async (db) => await tellEvents(db, accept) },
		{ name: "alerts-chats", everyMs: TELL_EVERY_MS, run: async (db) => await tellChats(db, accept) },
		...(hook === undefined
			? []
			: [
					{
						name: "alerts-hook",
						everyMs: TELL_EVERY_MS,
						run: async (db: Knex) => await postAlerts(db, { hook, egress, log }),
					},
				]),
	];
}

async function stopAll(running: Running): Promise<void> {
	const { core, ingress, updates, telegram, jobs, models, instances } = running;
	// Together: callers that wait over HTTP get their answers from turns that are still running.
	await Promise.allSettled([updates?.stop(), ingress?.stop(), core?.stop(), jobs?.stop()]);
	await Promise.allSettled([telegram?.close(), models?.close(), instances?.stop()]);
}
