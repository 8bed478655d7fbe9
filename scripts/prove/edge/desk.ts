import { Agent } from "undici";
import type { FakeBot } from "../../../bots/telegram/testing/fake-telegram.ts";
import type { Person } from "../../end-to-end/person.ts";
import { meet } from "../../end-to-end/person.ts";
import type { PersonOptions } from "../../whole-system/testing/add-person.ts";
import { addPerson } from "../../whole-system/testing/add-person.ts";
import type { EdgeWorld } from "./edge-world.ts";

/** `status` 0: the connection ended without an answer. */
export type HttpAnswer = {
	readonly status: number;
	readonly text: string;
	readonly headers: Readonly<Record<string, string | string[] | undefined>>;
};

export type HeaderFields = Readonly<Record<string, string | readonly string[]>>;

/** What a client of the running program does, and what he was answered. */
export type Desk = {
	readonly world: EdgeWorld;
	/** POST to the first bot's webhook, with its secret unless `headers` says otherwise. */
	hook(body: unknown, headers?: HeaderFields): Promise<HttpAnswer>;
	/** POST /v1/chat. */
	chat(key: string, body: unknown, headers?: HeaderFields): Promise<HttpAnswer>;
	get(path: string, headers?: HeaderFields): Promise<HttpAnswer>;
	/** Somebody new in a private chat of his own, greeted already. */
	person(options?: { readonly bot?: FakeBot }): Promise<Person>;
	/** Somebody new with a key for programs. */
	program(
		options?: PersonOptions,
	): Promise<{ readonly accountId: string; readonly key: string; readonly userId: string }>;
	/** An id that no update had before. */
	nextId(): number;
	/** How many answers had which status; raw sockets add theirs. */
	readonly statuses: Map<number, number>;
	note(status: number, what: string): void;
	/** Told of every answer. */
	onAnswer: (answer: HttpAnswer) => void;
	/** Answers of 500 and above, by what was asked. */
	readonly failures: string[];
	close(): Promise<void>;
};

const FIRST_USER_ID = 5_000_000;
/** Far below those of the fake, whose updates come in between. */
const FIRST_UPDATE_ID = 1_000_000;

export function createDesk(world: EdgeWorld): Desk {
	const agent = new Agent({ connections: 64, pipelining: 1, keepAliveTimeout: 4_000 });
	const statuses = new Map<number, number>();
	const failures: string[] = [];
	let people = 0;
	let updates = FIRST_UPDATE_ID;

	function note(status: number, what: string): void {
		statuses.set(status, (statuses.get(status) ?? 0) + 1);
		if (status >= 500) failures.push(`${status} ${what.slice(0, 300)}`);
	}

	async function send(
		method: "GET" | "POST",
		path: string,
		headers: HeaderFields,
		body?: unknown,
	): Promise<HttpAnswer> {
		const answer = await exchange(agent, world.port(), method, path, headers, body);
		note(answer.status, `${method} ${path} ${describe(body)} -> ${answer.text}`);
		desk.onAnswer(answer);
		return answer;
	}

	const desk: Desk = {
		onAnswer: () => undefined,
		world,
		statuses,
		failures,
		note,
		async hook(body, headers = {}) {
			const { path, secret } = world.hookOf(world.bot);
			return await send(
				"POST",
				path,
				{ "content-type": "application/json", "x-telegram-bot-api-secret-token": secret, ...headers },
				body,
			);
		},
		chat: async (key, body, headers = {}) =>
			await send(
				"POST",
				"/v1/chat",
				{ "content-type": "application/json", authorization: `Bearer ${key}`, ...headers },
				body,
			),
		get: async (path, headers = {}) => await send("GET", path, headers),
		async person({ bot = world.bot } = {}) {
			people += 1;
			const person = meet(world, FIRST_USER_ID + people, { bot });
			await person.ask("/new");
			return person;
		},
		async program(options = {}) {
			people += 1;
			const userId = String(FIRST_USER_ID + people);
			const sender = { platform: "telegram", botId: String(world.bot.id), userId } as const;
			const made = await addPerson(world.db, { sender, dailyTokens: 1_000_000, ...options });
			return { ...made, userId };
		},
		nextId() {
			updates += 1;
			return updates;
		},
		close: async () => await agent.destroy(),
	};
	return desk;
}

async function exchange(
	agent: Agent,
	port: number,
	method: "GET" | "POST",
	path: string,
	headers: HeaderFields,
	body: unknown,
): Promise<HttpAnswer> {
	try {
		const answer = await agent.request({
			origin: `http://127.0.0.1:${port}`,
			path,
			method,
			headers: Object.entries(headers).flatMap(([name, value]) =>
				[value].flat().flatMap((one) => [name, one]),
			),
			...(body === undefined ? {} : { body: toBytes(body) }),
			headersTimeout: 60_000,
			bodyTimeout: 60_000,
		});
		return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
	} catch {
		return { status: 0, headers: {}, text: "" };
	}
}

/** Bytes and text as they are, everything else as JSON. */
export function toBytes(body: unknown): Buffer {
	if (Buffer.isBuffer(body)) return body;
	return Buffer.from(typeof body === "string" ? body : (JSON.stringify(body) ?? "null"));
}

function describe(body: unknown): string {
	return body === undefined ? "" : toBytes(body).toString("latin1").slice(0, 200);
}
