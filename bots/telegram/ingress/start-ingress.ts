import type { Core } from "../../../core/core.ts";
import type { BotClient } from "../client/bot-client.ts";
import type { BotIdentity } from "../inbound/address.ts";
import type { TelegramLog } from "../telegram-log.ts";
import { keepTrying } from "./keep-trying.ts";
import type { TelegramCommand } from "./register-profile.ts";
import { registerProfile } from "./register-profile.ts";
import { startPolling } from "./start-polling.ts";
import type { IsIgnored } from "./update-event.ts";
import { watchWebhook } from "./watch-webhook.ts";
import type { RawHandler } from "./webhook-handler.ts";
import { createWebhookHandler } from "./webhook-handler.ts";
import { assertSecret, derivePath, deriveSecret } from "./webhook-secret.ts";
import { setUpWebhook } from "./webhook-setup.ts";

export type TelegramMode =
	| { readonly kind: "polling" }
	| {
			readonly kind: "webhook";
			/** Where Telegram reaches our ingress, such as "https://bot.example.org". */
			readonly publicUrl: string;
			/** Newest first; a second one while the secret is being changed. Each bot gets one of its own, derived from it. */
			readonly secrets: readonly [string, ...string[]];
	  };

export type TelegramTimings = {
	readonly pollTimeoutSeconds: number;
	readonly backOffBaseMs: number;
	readonly webhookCheckMs: number;
};

export type RunningTelegram = {
	/** For the HTTP server, before anything else sees the request; absent when polling. */
	readonly handler?: RawHandler;
	/** Resolves once every bot knows itself and its updates come in; failures are repeated until then. */
	readonly ready: Promise<void>;
	/** Lets no more updates in. Bounded: at most 5 s. */
	stop(): Promise<void>;
};

export type IngressOptions = {
	readonly core: Pick<Core, "accept">;
	/** By bot id. */
	readonly clients: ReadonlyMap<string, BotClient>;
	/** Filled as Telegram says who the bots are. */
	readonly identities: Map<string, BotIdentity>;
	readonly mode: TelegramMode;
	readonly commands: readonly TelegramCommand[];
	readonly toStorableJson: (raw: string) => string;
	readonly isIgnored: IsIgnored;
	readonly log: TelegramLog;
	readonly timings?: Partial<TelegramTimings>;
};

type WebhookMode = Extract<TelegramMode, { kind: "webhook" }>;

const DEFAULT_TIMINGS: TelegramTimings = {
	pollTimeoutSeconds: 30,
	backOffBaseMs: 500,
	webhookCheckMs: 60_000,
};
const BACK_OFF_MAX_MS = 60_000;

/** Lets the updates of all bots in, each bot by itself: one that Telegram refuses keeps no other waiting. */
export function startIngress(options: IngressOptions): RunningTelegram {
	const { mode, clients } = options;
	const aborter = new AbortController();
	const timings = { ...DEFAULT_TIMINGS, ...options.timings };
	const handler = mode.kind === "webhook" ? toHandler(options, mode) : undefined;
	const stops = new Set<() => Promise<void> | void>();

	async function startBot(botId: string, client: BotClient): Promise<void> {
		const patience = { signal: aborter.signal, baseMs: timings.backOffBaseMs, maxMs: BACK_OFF_MAX_MS };
		if (mode.kind === "polling") stops.add(poll(options, botId, client, timings));
		await keepTrying(
			async () => await identify(options, botId, client),
			`bot ${botId}: getMe`,
			options.log,
			patience,
		);
		if (mode.kind === "webhook") {
			const hook = toHook(mode, botId);
			const set = async () => await setUpWebhook(client.api, hook);
			await keepTrying(set, `bot ${botId}: setWebhook`, options.log, patience);
			if (!aborter.signal.aborted) stops.add(watch(options, botId, client, hook, timings));
		}
	}

	/** Menus and descriptions are no condition for answering. */
	async function dress(botId: string, client: BotClient): Promise<void> {
		await keepTrying(
			async () => await registerProfile(client.api, options.commands),
			`bot ${botId}: commands`,
			options.log,
			{ signal: aborter.signal, baseMs: 5000, maxMs: 10 * BACK_OFF_MAX_MS },
		);
	}

	const ready = Promise.all(
		[...clients].map(async ([botId, client]) => {
			await startBot(botId, client);
			if (!aborter.signal.aborted) void dress(botId, client);
		}),
	).then(() => undefined);

	return {
		...(handler !== undefined && { handler }),
		ready,
		async stop() {
			aborter.abort();
			await Promise.all([...stops].map(async (stop) => await stop()));
		},
	};
}

async function identify(
	{ identities, log }: IngressOptions,
	botId: string,
	client: BotClient,
): Promise<void> {
	const me = await client.api.getMe();
	identities.set(botId, { botId, username: me.username });
	log.info({ botId, username: me.username }, "Telegram bot is known");
}

function toHandler(options: IngressOptions, { publicUrl, secrets }: WebhookMode): RawHandler {
	if (!URL.canParse(publicUrl))
		throw new Error("PUBLIC_URL must be a whole address, such as https://bot.example.org.");
	const { core, clients, toStorableJson, isIgnored, log } = options;
	const bots = [...clients.keys()].map((botId) => ({
		botId,
		paths: secrets.map((secret) => derivePath(secret, botId)),
		secrets: secrets.map((secret) => deriveSecret(secret, botId)),
	}));
	for (const secret of secrets) assertSecret(secret);
	return createWebhookHandler({ core, bots, toStorableJson, isIgnored, log });
}

function toHook(
	{ publicUrl, secrets }: WebhookMode,
	botId: string,
): { readonly url: string; readonly secret: string } {
	const [newest] = secrets;
	return {
		url: `${publicUrl.replace(/\/+$/, "")}${derivePath(newest, botId)}`,
		secret: deriveSecret(newest, botId),
	};
}

function poll(
	{ core, toStorableJson, isIgnored, log }: IngressOptions,
	botId: string,
	{ api }: BotClient,
	{ pollTimeoutSeconds, backOffBaseMs }: TelegramTimings,
): () => Promise<void> {
	const poller = startPolling({
		core,
		api,
		botId,
		toStorableJson,
		isIgnored,
		log,
		timeoutSeconds: pollTimeoutSeconds,
		backOffBaseMs,
	});
	return poller.stop;
}

function watch(
	{ log }: IngressOptions,
	botId: string,
	{ api }: BotClient,
	hook: { readonly url: string; readonly secret: string },
	{ webhookCheckMs }: TelegramTimings,
): () => void {
	return watchWebhook({ api, botId, hook, log, intervalMs: webhookCheckMs });
}
