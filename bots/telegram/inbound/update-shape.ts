import { z } from "zod";

/**
 * What of an update is read (source: core.telegram.org/bots/api#update). Everything else is dropped, and an optional field of
 * a wrong type counts as absent: one odd field must not cost a person the answer.
 */
const id = z.number().refine(Number.isSafeInteger);

function optional<Schema extends z.ZodType>(schema: Schema) {
	return schema.optional().catch(undefined);
}

const userShape = z.object({
	id,
	is_bot: z.boolean().catch(false),
	first_name: optional(z.string()),
	last_name: optional(z.string()),
	language_code: optional(z.string().max(35)),
});

const chatShape = z.object({ id, type: z.enum(["private", "group", "supergroup", "channel"]) });

const entityShape = z.object({
	type: z.string(),
	offset: z.number().int().nonnegative(),
	length: z.number().int().nonnegative(),
	user: optional(z.object({ id })),
});

/** Kinds of content, by the field that carries it; the first that is present counts. */
export const MEDIA_FIELDS = {
	photo: "photo",
	voice: "voice",
	audio: "audio",
	video: "video",
	video_note: "video",
	animation: "video",
	live_photo: "photo",
	document: "file",
	sticker: "sticker",
	venue: "location",
	location: "location",
	contact: "contact",
	poll: "other",
	dice: "other",
	game: "other",
	story: "other",
	paid_media: "other",
	invoice: "other",
	checklist: "other",
	giveaway: "other",
	rich_message: "other",
} as const;

const messageShape = z.object({
	message_id: id,
	chat: chatShape,
	from: optional(userShape),
	sender_chat: optional(z.object({ id })),
	message_thread_id: optional(id),
	is_topic_message: optional(z.boolean()),
	forward_origin: z.unknown().optional(),
	is_automatic_forward: optional(z.boolean()),
	via_bot: z.unknown().optional(),
	reply_to_message: optional(
		z.object({ from: optional(z.object({ id })), forum_topic_created: z.unknown().optional() }),
	),
	media_group_id: optional(z.string().max(64)),
	text: optional(z.string()),
	entities: optional(z.array(entityShape)),
	caption: optional(z.string()),
	caption_entities: optional(z.array(entityShape)),
	migrate_to_chat_id: optional(id),
	...Object.fromEntries(Object.keys(MEDIA_FIELDS).map((field) => [field, z.unknown().optional()])),
});

/** What is read of a message. */
export const MESSAGE_FIELDS: readonly string[] = Object.keys(messageShape.shape);

const accessibleShape = z.object({
	message_id: id,
	chat: chatShape,
	message_thread_id: optional(id),
	is_topic_message: optional(z.boolean()),
});

export const updateShape = z.object({
	update_id: id.refine((value) => value >= 0),
	message: optional(messageShape),
	edited_message: optional(accessibleShape),
	channel_post: optional(accessibleShape),
	edited_channel_post: optional(accessibleShape),
	callback_query: optional(
		z.object({
			id: z.string().min(1).max(64),
			from: userShape,
			message: optional(accessibleShape),
			data: optional(z.string()),
		}),
	),
	my_chat_member: optional(
		z.object({ chat: chatShape, from: userShape, new_chat_member: z.object({ status: z.string() }) }),
	),
	stopped_message_generation: optional(
		z.object({ chat: chatShape, message_thread_id: optional(id), draft_id: optional(id) }),
	),
	pre_checkout_query: optional(z.object({ id: z.string(), from: userShape })),
});

export type TelegramUpdate = z.infer<typeof updateShape>;
export type TelegramMessage = z.infer<typeof messageShape>;
export type TelegramUser = z.infer<typeof userShape>;
export type TelegramEntity = z.infer<typeof entityShape>;
export type TelegramPlace = z.infer<typeof accessibleShape>;
