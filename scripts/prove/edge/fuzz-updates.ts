import type { Arbitrary } from "fast-check";
import fc from "fast-check";
import { COMMANDS } from "../../../core/commands/all-commands.ts";
import type { Desk } from "./desk.ts";

/** What an update of the fuzz may be about: people and groups the fake knows, so that answers arrive somewhere. */
export type FuzzCast = { readonly userIds: readonly number[]; readonly groupIds: readonly number[] };

const NAMES = COMMANDS.flatMap(({ name, aliases }) => [name, ...aliases]);
const ODD_TEXT = [
	"\0",
	"\ud800",
	"\u202e",
	"👨‍👩‍👧‍👦",
	"／key new",
	"<b>",
	"```",
	"'; drop table inbox; --",
	"%s%n",
	"{{7*7}}",
	"../../etc/passwd",
	"ABCDE-12345",
	"ob:zone:UTC",
];

/** Anything JSON can say, seldom deep. */
const anything = fc.jsonValue({ maxDepth: 3 });

/** A value of the right kind nine times out of ten. */
function mostly<Value>(right: Arbitrary<Value>): Arbitrary<unknown> {
	return fc.oneof({ weight: 9, arbitrary: right as Arbitrary<unknown> }, { weight: 1, arbitrary: anything });
}

export const oddText = fc.oneof(
	fc.string({ maxLength: 40 }),
	fc.string({ unit: "binary", maxLength: 200 }),
	fc.constantFrom(...ODD_TEXT),
	fc.array(fc.constantFrom(...ODD_TEXT), { maxLength: 50 }).map((parts) => parts.join(" ")),
	fc
		.tuple(
			fc.constantFrom(...NAMES),
			fc.constantFrom("", "@x", "@rockpool_1_bot"),
			fc.string({ maxLength: 30 }),
		)
		.map(([name, bot, rest]) => `/${name}${bot} ${rest}`),
	fc.integer({ min: 100, max: 9_000 }).map((length) => "long ".repeat(length / 5)),
);

const number = fc.oneof(
	fc.integer(),
	fc.constantFrom(0, -1, 2 ** 31, 2 ** 53, -(2 ** 53), 1e300, 0.5, Number.MIN_VALUE),
);

/** Objects of the Bot API, mostly as they should be. */
export function toUpdateArbitrary({
	userIds,
	groupIds,
}: FuzzCast): Arbitrary<Readonly<Record<string, unknown>>> {
	const user = fc.record(
		{
			id: mostly(fc.constantFrom(...userIds)),
			is_bot: mostly(fc.constant(false)),
			first_name: mostly(oddText),
			last_name: mostly(oddText),
			language_code: mostly(fc.constantFrom("en", "ru", "zh-hans", "xx", "")),
		},
		{ requiredKeys: ["id", "is_bot"] },
	);
	const privateChat = fc.record({ id: fc.constantFrom(...userIds), type: fc.constant("private") });
	const group = fc.record({
		id: fc.constantFrom(...groupIds),
		type: fc.constantFrom("group", "supergroup", "channel"),
		title: oddText,
	});
	const chat = mostly(fc.oneof({ weight: 3, arbitrary: privateChat }, { weight: 1, arbitrary: group }));
	const entity = fc.record({
		type: fc.constantFrom("mention", "text_mention", "bot_command", "url", "nonsense"),
		offset: number,
		length: number,
		user: mostly(user),
	});
	const file = fc.record(
		{ file_id: oddText, file_unique_id: oddText, file_size: number, file_name: oddText, mime_type: oddText },
		{ requiredKeys: ["file_id"] },
	);
	const place = { message_id: mostly(fc.nat()), chat, date: number };
	const extra = fc.record(
		{
			entities: mostly(fc.array(entity, { maxLength: 5 })),
			reply_to_message: mostly(fc.record({ ...place, from: user })),
			message_thread_id: mostly(number),
			is_topic_message: mostly(fc.boolean()),
			forward_origin: anything,
			via_bot: anything,
			sender_chat: mostly(group),
			media_group_id: mostly(oddText),
			caption: mostly(oddText),
			photo: mostly(fc.array(file, { maxLength: 2 })),
			document: mostly(file),
			voice: mostly(file),
			sticker: mostly(file),
			location: anything,
			contact: anything,
			migrate_to_chat_id: mostly(number),
			new_chat_members: anything,
			successful_payment: anything,
			invoice: anything,
		},
		{ requiredKeys: [] },
	);
	const base = fc.record(
		{ ...place, from: mostly(user), text: mostly(oddText) },
		{ requiredKeys: ["message_id"] },
	);
	const plain = fc.record({ ...place, from: user, text: oddText });
	const message = fc.oneof(
		{ weight: 3, arbitrary: plain },
		{ weight: 1, arbitrary: fc.tuple(base, extra).map(([one, more]) => ({ ...one, ...rarely(more) })) },
	);
	const press = fc.record({
		id: mostly(fc.string({ minLength: 1, maxLength: 64 })),
		from: user,
		message: mostly(fc.record(place)),
		data: mostly(
			fc.oneof(oddText, fc.constantFrom("stop", "retry", "cmd:plan", "tier:BEST", "ob:lang:ru", "lang:ru")),
		),
	});
	const member = fc.record({
		chat,
		from: user,
		new_chat_member: mostly(fc.record({ status: fc.constantFrom("kicked", "member", "left", "x"), user })),
	});
	const anyMessage = mostly(message);
	const content = fc.oneof(
		{ weight: 8, arbitrary: fc.record({ message: anyMessage }) },
		{ weight: 2, arbitrary: fc.record({ callback_query: mostly(press) }) },
		{ weight: 1, arbitrary: fc.record({ edited_message: anyMessage }) },
		{ weight: 1, arbitrary: fc.record({ channel_post: anyMessage }) },
		{ weight: 1, arbitrary: fc.record({ my_chat_member: mostly(member) }) },
		{
			weight: 1,
			arbitrary: fc.record({ stopped_message_generation: mostly(fc.record({ chat, draft_id: number })) }),
		},
		{
			weight: 1,
			arbitrary: fc.record({ pre_checkout_query: mostly(fc.record({ id: oddText, from: user })) }),
		},
		{ weight: 1, arbitrary: fc.dictionary(fc.string({ maxLength: 12 }), anything, { maxKeys: 4 }) },
	);
	return content as Arbitrary<Readonly<Record<string, unknown>>>;
}

/** What makes a message somebody else's, in a few of them only. */
function rarely(more: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
	const keys = Object.keys(more);
	return keys.length > 4 ? Object.fromEntries(Object.entries(more).slice(0, 4)) : more;
}

/** How the text of a body goes wrong on its way: cut, bytes turned, a piece twice. */
export const damage: Arbitrary<(text: string) => Buffer> = fc.oneof(
	{ weight: 8, arbitrary: fc.constant((text: string) => Buffer.from(text)) },
	{
		weight: 1,
		arbitrary: fc.nat().map((at) => (text: string) => Buffer.from(text.slice(0, at % (text.length + 1)))),
	},
	{
		weight: 1,
		arbitrary: fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })).map(([at, flip]) => (text: string) => {
			const bytes = Buffer.from(text);
			bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ flip;
			return bytes;
		}),
	},
	{
		weight: 1,
		arbitrary: fc.nat().map((at) => (text: string) => {
			const cut = at % (text.length + 1);
			return Buffer.from(text.slice(0, cut) + text.slice(cut / 2));
		}),
	},
);

/** Posts a batch at once. @throws Error at the first answer that is not one of these */
export async function postUpdates(
	desk: Desk,
	batch: readonly (readonly [Readonly<Record<string, unknown>>, (text: string) => Buffer])[],
	allowed: ReadonlySet<number>,
): Promise<void> {
	const answers = await Promise.all(
		batch.map(async ([content, spoil]) => {
			const bytes = spoil(JSON.stringify({ update_id: desk.nextId(), ...content }));
			return { bytes, status: (await desk.hook(bytes)).status };
		}),
	);
	const bad = answers.find(({ status }) => !allowed.has(status));
	if (bad !== undefined) throw new Error(`${bad.status} for ${bad.bytes.toString("utf8").slice(0, 400)}`);
}
