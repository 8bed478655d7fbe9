import type { Person } from "../../end-to-end/person.ts";
import type { Canary } from "./canaries.ts";
import type { Desk } from "./desk.ts";
import { countRows, toMessage, toUpdate } from "./samples.ts";

/** More than a lane holds. */
const FLOOD = 60;
const GROUP = { id: -8_000_002, type: "supergroup", title: "Friends" };

type Stray = {
	readonly name: string;
	/** Lets a code that is good go astray. */
	readonly lose: (desk: Desk, owner: Person, code: string) => Promise<unknown>;
};

const STRAYS: readonly Stray[] = [
	{
		name: "under a picture",
		lose: async (_, owner, code) => await owner.answered(owner.chat.sendPhoto({ caption: code })),
	},
	{
		name: "among other words, as a command under a picture",
		lose: async (_, owner, code) => await owner.answered(owner.chat.sendPhoto({ caption: `/bind ${code}` })),
	},
	{
		name: "in the message that is replied to",
		lose: async (_, owner, code) => {
			const shown = owner.chat.visibleMessages().find(({ text }) => text.includes(code));
			if (shown === undefined) throw new Error("the code was not shown");
			await owner.ask("what is that?", { replyTo: shown.messageId });
		},
	},
	{
		name: "said to nobody in a group",
		lose: async (desk, _, code) => await say(desk, { chat: GROUP, text: `who needs ${code}?` }),
	},
	{
		name: "said to somebody else in a group",
		lose: async (desk, _, code) =>
			await say(desk, {
				chat: GROUP,
				text: `@somebody ${code}`,
				entities: [{ type: "mention", offset: 0, length: 9 }],
			}),
	},
	{
		name: "under a picture for nobody",
		lose: async (desk, _, code) =>
			await say(desk, { chat: GROUP, text: undefined, photo: [], caption: code }),
	},
	{
		name: "told to another bot",
		lose: async (desk, { chat }, code) =>
			await say(desk, { chat: { id: chat.id, type: "private" }, text: `/bind@other_bot ${code}` }),
	},
	{
		name: "in an edit",
		lose: async (desk, { chat }, code) =>
			await desk.hook(toUpdate(desk, { edited_message: toMessage(chat.id, { text: `/bind ${code}` }) })),
	},
	{
		name: "in messages that are quoted and pinned",
		lose: async (desk, { chat }, code) => {
			const shown = toMessage(chat.id, { text: code });
			await say(desk, { chat: GROUP, text: "/help", quote: { text: code }, external_reply: { text: code } });
			await say(desk, { chat: GROUP, text: undefined, pinned_message: shown });
		},
	},
	{ name: "of a command in a flood", lose: flood },
];

/** Codes that are good and lie about in what is told to the bot, in every way in which none redeems them. */
export async function loseCodes(desk: Desk): Promise<readonly Canary[]> {
	const canaries: Canary[] = [];
	for (const { name, lose } of STRAYS) {
		const owner = await desk.person();
		const code = /\/bind ([A-Z0-9-]+)/.exec((await owner.ask("/link")).join())?.[1] ?? "";
		await lose(desk, owner, code);
		canaries.push({ name: `a code ${name}`, secret: code, allowedIn: ["texts"] });
	}
	return canaries;
}

async function say(desk: Desk, fields: Readonly<Record<string, unknown>>): Promise<void> {
	await desk.hook(toUpdate(desk, { message: toMessage(5_900_001, fields) }));
}

/** Most of these are refused as they come: no turn ever reads them. */
async function flood(desk: Desk, { chat }: Person, code: string): Promise<void> {
	await Promise.all(
		Array.from({ length: FLOOD }, async (_, at) => {
			const message = toMessage(chat.id, { message_id: 900 + at, text: `/bind ${code}` });
			await desk.hook(toUpdate(desk, { message }));
		}),
	);
	await desk.world.settle();
	if ((await countRows(desk, "secret_answers")) === 0) throw new Error("nothing of the flood was refused");
}
