import type { FakeChat } from "./fake-chat.ts";
import { createFakeChat } from "./fake-chat.ts";
import type { FakeFaults } from "./fake-faults.ts";
import { createFaults } from "./fake-faults.ts";
import type { FakeBotEntry } from "./fake-method-call.ts";
import { createRandom } from "./fake-random.ts";
import type { FakeCallRecord, FakeOutage } from "./fake-server.ts";
import { FakeServer } from "./fake-server.ts";
import type { FakeBotState, FakeChatState, FakeUser } from "./fake-state.ts";
import { FakeUpdateQueue } from "./fake-updates.ts";
import { FakeWebhook } from "./fake-webhook.ts";

export type FakeBot = {
	readonly id: number;
	readonly token: string;
	readonly username: string;
	readonly faults: FakeFaults;
	readonly updates: FakeUpdateQueue;
	readonly webhook: FakeWebhook;
	/** Command lists by "scope/language", such as "all_private_chats/ru". */
	readonly commands: FakeBotState["commands"];
	/** The private chat with a person; one per id. */
	privateChat(user: Partial<FakeUser> & { readonly id: number }): FakeChat;
	/** `topics`: thread ids of a forum. */
	group(options: {
		readonly id: number;
		readonly title?: string;
		readonly topics?: readonly number[];
	}): FakeChat;
	/** @throws Error when nobody has opened that chat */
	chat(id: number): FakeChat;
	chats(): readonly FakeChat[];
};

export type FakeTelegram = {
	/** The `apiRoot` of a client. */
	readonly url: string;
	readonly faults: FakeFaults;
	addBot(options?: {
		readonly token?: string;
		readonly username?: string;
		readonly canReadAllGroupMessages?: boolean;
	}): FakeBot;
	/** Revokes the token: every call reads 401 from now on. */
	removeBot(token: string): void;
	setOutage(outage: FakeOutage | undefined): void;
	/** The last calls, oldest first, at most 100,000. */
	calls(): readonly FakeCallRecord[];
	onCall: (record: FakeCallRecord) => void;
	close(): Promise<void>;
};

const CALLS_MAX = 100_000;

/**
 * The Telegram Bot API as a real HTTP server on 127.0.0.1, with people to talk to: it validates, orders, retries, limits and
 * fails as the real one does. Everything random comes from `seed`. It lives in the caller's process, so it outlives the
 * program under test.
 */
export async function startFakeTelegram(
	options: {
		readonly seed?: number;
		readonly port?: number;
		readonly nowMs?: () => number;
		/** Real Telegram takes https webhooks only; a local Bot API server takes any, and so does this one unless told. */
		readonly httpsOnly?: boolean;
		/** The origin a TLS proxy in front of a webhook passes its posts on to; the webhook's own unless told. */
		readonly passOn?: (url: URL) => string;
	} = {},
): Promise<FakeTelegram> {
	const { seed = 1, port = 0, nowMs = Date.now, httpsOnly = false, passOn } = options;
	const random = createRandom(seed);
	const bots = new Map<string, FakeBotEntry>();
	const faults = createFaults();
	let calls: FakeCallRecord[] = [];
	const server = new FakeServer({
		findBot: (token) => bots.get(token),
		faults,
		random,
		nowMs,
		port,
		onCall: (record) => {
			calls.push(record);
			if (calls.length > 2 * CALLS_MAX) calls = calls.slice(-CALLS_MAX);
			telegram.onCall(record);
		},
	});

	const telegram: FakeTelegram = {
		url: await server.listen(),
		faults,
		addBot(bot = {}) {
			const id = Number(bot.token?.split(":")[0] ?? 7_000_000_000 + bots.size + seed * 1000);
			const token = bot.token ?? `${id}:AAfake-${String(id).padStart(28, "x")}`;
			const state = createBotState(id, token, bot);
			const updates = new FakeUpdateQueue(100_000_000 + Math.floor(random() * 800_000_000));
			const webhook = new FakeWebhook(updates, random, { httpsOnly, nowMs, passOn });
			bots.set(token, { state, updates, webhook });
			return createFakeBot({ state, updates, webhook }, nowMs);
		},
		removeBot(token) {
			const entry = bots.get(token);
			entry?.updates.interrupt("terminated by log out");
			void entry?.webhook.close();
			bots.delete(token);
		},
		setOutage(outage) {
			server.outage = outage;
		},
		calls: () => calls.slice(-CALLS_MAX),
		onCall: () => {},
		async close() {
			for (const { updates } of bots.values()) updates.interrupt("server stops");
			await Promise.all([...bots.values()].map(async ({ webhook }) => await webhook.close()));
			await server.close();
		},
	};
	return telegram;
}

function createBotState(
	id: number,
	token: string,
	options: { readonly username?: string; readonly canReadAllGroupMessages?: boolean },
): FakeBotState {
	const username = options.username ?? `rockpool_${id % 1_000_000}_bot`;
	return {
		token,
		me: { id, is_bot: true, first_name: "Rockpool", username },
		canReadAllGroupMessages: options.canReadAllGroupMessages ?? false,
		chats: new Map(),
		faults: createFaults(),
		openQueries: new Set(),
		answeredQueries: new Map(),
		commands: new Map(),
		profile: new Map(),
		files: new Map(),
	};
}

function createFakeBot(entry: FakeBotEntry, nowMs: () => number): FakeBot {
	const { state: bot, updates, webhook } = entry;
	const views = new Map<number, FakeChat>();

	function adopt(chat: FakeChatState): FakeChat {
		bot.chats.set(chat.id, chat);
		const view = createFakeChat({ bot, chat, updates, queue: `chat:${chat.id}`, nowMs }, adopt);
		views.set(chat.id, view);
		return view;
	}

	return {
		id: bot.me.id,
		token: bot.token,
		username: bot.me.username,
		faults: bot.faults,
		updates,
		webhook,
		commands: bot.commands,
		privateChat(person) {
			const user: FakeUser = { is_bot: false, first_name: `Person ${person.id}`, ...person };
			return views.get(person.id) ?? adopt({ ...emptyChat(person.id), type: "private", user });
		},
		group({ id, title = "Group", topics = [] }) {
			const known = views.get(id);
			const chat = { ...emptyChat(id), title, topics: new Set(topics), started: true };
			return known ?? adopt({ ...chat, type: id < -1_000_000_000_000 ? "supergroup" : "group" });
		},
		chat(id) {
			const view = views.get(id);
			if (view === undefined) throw new Error(`no chat ${id}`);
			return view;
		},
		chats: () => [...views.values()],
	};
}

function emptyChat(id: number): Omit<FakeChatState, "type"> {
	return {
		id,
		messages: new Map(),
		drafts: new Map(),
		topics: new Set(),
		faults: createFaults(),
		lastMessageId: 0,
		typingCount: 0,
		blocked: false,
		started: false,
		limitedUntilMs: 0,
	};
}
