import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { AcceptOutcome, InboundEvent } from "../../../core/core.ts";
import { toStorableJson } from "../../../core/inbox/storable-json.ts";
import { eventually } from "../../../core/testing/eventually.ts";
import type { SilentLog } from "../../../core/testing/silent-log.ts";
import { silentLog } from "../../../core/testing/silent-log.ts";
import type { TelegramCommand } from "../ingress/register-profile.ts";
import type { RunningTelegram, TelegramMode } from "../ingress/start-ingress.ts";
import type { Telegram } from "../start-telegram.ts";
import { createTelegram } from "../start-telegram.ts";
import type { FakeBot, FakeTelegram } from "./fake-telegram.ts";
import { startFakeTelegram } from "./fake-telegram.ts";

export const MASTER_SECRET = "m4ster-secret_of-43-characters-ABCDEFGHIJKLM";

export const COMMANDS: readonly TelegramCommand[] = [
	{ name: "help", descriptions: { en: "Help", "zh-CN": "帮助", ru: "Помощь" }, scopes: ["private", "group"] },
	{ name: "bind", descriptions: { en: "Bind", "zh-CN": "绑定", ru: "Привязать" }, scopes: ["private"] },
];

/** A Telegram with two bots, an ingress server, and a core that stores in memory, once per id. */
export type TelegramWorld = {
	readonly fake: FakeTelegram;
	readonly bots: readonly [FakeBot, FakeBot];
	readonly log: SilentLog;
	readonly stored: ReadonlyMap<string, InboundEvent>;
	isDatabaseDown: boolean;
	/** A webhook at our own ingress. */
	readonly webhook: TelegramMode;
	/** Ends what ran before, like a restart. */
	start(mode: TelegramMode, bots?: readonly FakeBot[], pollTimeoutSeconds?: number): Promise<RunningTelegram>;
	stop(): Promise<void>;
	/** What was stored of a bot's messages, in order. */
	texts(bot: FakeBot): readonly unknown[];
	close(): Promise<void>;
};

export async function startTelegramWorld(): Promise<TelegramWorld> {
	const fake = await startFakeTelegram({ seed: 5 });
	const bots = [fake.addBot({ username: "first_bot" }), fake.addBot({ username: "second_bot" })] as const;
	for (const { webhook } of bots) {
		webhook.retryBaseMs = 5;
		webhook.retryMaxMs = 20;
	}
	const log = silentLog();
	const stored = new Map<string, InboundEvent>();
	let telegram: Telegram | undefined;
	let running: RunningTelegram | undefined;
	const http = createServer((request, response) => {
		if (running?.handler?.(request, response) !== true) response.writeHead(404).end();
	});
	http.listen(0, "127.0.0.1");
	await once(http, "listening");
	const publicUrl = `http://127.0.0.1:${(http.address() as AddressInfo).port}/`;

	async function accept(event: InboundEvent): Promise<AcceptOutcome> {
		await new Promise((resolve) => setImmediate(resolve));
		if (world.isDatabaseDown) throw new Error("database is down");
		const key = `${event.botId}:${event.eventId}`;
		const isNew = !stored.has(key);
		if (isNew) stored.set(key, event);
		return { kind: isNew ? "new" : "duplicate", inboxId: key };
	}

	const world: TelegramWorld = {
		fake,
		bots,
		log,
		stored,
		isDatabaseDown: false,
		webhook: { kind: "webhook", publicUrl, secrets: [MASTER_SECRET] },
		async start(mode, own = bots, pollTimeoutSeconds = 2) {
			await world.stop();
			telegram = createTelegram({
				tokens: own.map(({ token }) => token),
				apiRoot: fake.url,
				mode,
				commands: COMMANDS,
				toStorableJson,
				log,
				timings: { pollTimeoutSeconds, backOffBaseMs: 5, webhookCheckMs: 20 },
			});
			running = telegram.start({ accept });
			return running;
		},
		async stop() {
			await running?.stop();
			await telegram?.close();
			running = undefined;
		},
		texts: (bot) =>
			[...stored.values()]
				.filter(({ botId }) => botId === String(bot.id))
				.map(({ bodyJson }) => (JSON.parse(bodyJson) as { message?: { text?: string } }).message?.text),
		async close() {
			await world.stop();
			await fake.close();
			http.closeAllConnections();
			http.close();
			await once(http, "close");
		},
	};
	return world;
}

/** Waits until the expectations hold; fails with what they say. */
export async function until(expectations: () => void): Promise<void> {
	const holds = () => {
		try {
			expectations();
			return true;
		} catch {
			return false;
		}
	};
	await eventually(holds).catch(expectations);
}
