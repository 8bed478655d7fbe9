import fc from "fast-check";
import type { FakeChat } from "../../../bots/telegram/testing/fake-chat.ts";
import type { Desk } from "./desk.ts";
import { chatCase, postChats } from "./fuzz-chats.ts";
import type { FuzzCast } from "./fuzz-updates.ts";
import { damage, postUpdates, toUpdateArbitrary } from "./fuzz-updates.ts";

export type FuzzOptions = {
	readonly seed: number;
	readonly updates: number;
	readonly chats: number;
	/** Ends earlier than the figures say. */
	readonly msMax: number;
};

export type Fuzz = {
	/** What the seed leads to; each call goes on with other cases. @returns what went wrong, shrunk, with its path to replay */
	run(options: FuzzOptions): Promise<readonly string[]>;
	/** Sent so far. */
	readonly sent: { updates: number; chats: number };
};

const BATCH = 20;
const PEOPLE = 120;
const GROUPS = 8;
const PROGRAMS = 60;
const FIRST_ID = 6_000_000;
const HOOK_STATUSES = new Set([200, 400]);

/** People, groups and programs of the running program's own, and what the grammar makes them send. */
export async function createFuzz(desk: Desk): Promise<Fuzz> {
	const { bot } = desk.world;
	const userIds = Array.from({ length: PEOPLE }, (_, at) => FIRST_ID + at);
	const groupIds = Array.from({ length: GROUPS }, (_, at) => -FIRST_ID - at);
	for (const id of userIds) open(bot.privateChat({ id, language_code: "en" }));
	for (const id of groupIds) bot.group({ id });
	const keys: string[] = [];
	while (keys.length < PROGRAMS) keys.push((await desk.program()).key);
	const cast: FuzzCast = { userIds, groupIds };
	const update = fc.tuple(toUpdateArbitrary(cast), damage);

	const sent = { updates: 0, chats: 0 };

	return {
		sent,
		async run({ seed, updates, chats, msMax }) {
			const limits = { seed, interruptAfterTimeLimit: msMax / 2, markInterruptAsFailure: false } as const;
			const first = await fc.check(
				fc.asyncProperty(fc.array(update, { minLength: BATCH, maxLength: BATCH }), async (batch) => {
					sent.updates += batch.length;
					await postUpdates(desk, batch, HOOK_STATUSES);
				}),
				{ ...limits, numRuns: Math.ceil(updates / BATCH) },
			);
			const second = await fc.check(
				fc.asyncProperty(fc.array(chatCase, { minLength: BATCH, maxLength: BATCH }), async (batch) => {
					sent.chats += batch.length;
					await postChats(desk, keys, batch, isExpectedOfChat);
				}),
				{ ...limits, numRuns: Math.ceil(chats / BATCH) },
			);
			return [first, second].flatMap((result) =>
				result.failed ? [`${String(result.errorInstance)} (path ${result.counterexamplePath})`] : [],
			);
		},
	};
}

/** Whatever a caller may do wrong, it is his fault. */
function isExpectedOfChat(status: number): boolean {
	return status >= 200 && status < 500;
}

/** A person whom the bot may write to, without a message of his to answer. */
function open(chat: FakeChat): void {
	chat.sendText("/new");
}
