import type { Channel, ChannelCapabilities, RenderedPart, SendResult } from "../channels/channel.ts";
import type { Chat, Inbound, InboundContent, Reply } from "../pipeline/message.ts";

/** The event body a fake channel reads: what a test wants an inbound to be. */
export type FakeBody = {
	readonly chatId: string;
	readonly kind?: Chat["kind"];
	readonly userId?: string;
	readonly languageHint?: string;
	readonly text?: string;
	readonly content?: InboundContent;
	readonly messageId?: string;
	readonly isAnonymous?: boolean;
	/** toInbound throws, as only a bug can. */
	readonly isPoison?: boolean;
};

export type FakeCall = {
	readonly method: "send" | "edit" | "draft" | "typing" | "answerAction";
	readonly chatId: string;
	readonly text: string;
	readonly messageId?: string | undefined;
	readonly part?: RenderedPart;
};

/** How a call ends: undefined lets it succeed. `isDone`: it has its effect although its result says otherwise. */
export type FakeAnswer = { readonly result: SendResult; readonly isDone?: boolean };

export type FakeMessage = {
	readonly messageId: string;
	readonly chatId: string;
	readonly replyTo: string | undefined;
	readonly versions: string[];
	readonly attachment?: string | undefined;
};

export type FakeChannel = Channel & {
	readonly calls: FakeCall[];
	/** All messages that reached the platform, in order. */
	readonly messages: FakeMessage[];
	/** What a person sees of a chat now. */
	visible(chatId: string): string[];
	/** Decides how calls end; may be asynchronous, to hang. */
	script(answer: (call: FakeCall) => FakeAnswer | undefined | Promise<FakeAnswer | undefined>): void;
};

const CAPABILITIES: ChannelCapabilities = {
	edit: true,
	stream: { private: { style: "draft", intervalMs: 10 }, group: { style: "edit", intervalMs: 10 } },
	buttons: true,
	typing: true,
	attachments: true,
	markup: "html",
	textLengthMax: 100,
	push: true,
	queueMax: { private: 20, group: 50 },
};

/** A messenger that never loses anything unless told to. Texts are cut at textLengthMax. */
export function createFakeChannel(
	overrides: Partial<ChannelCapabilities> & { readonly platform?: Channel["platform"] } = {},
): FakeChannel {
	const { platform = "telegram", ...changes } = overrides;
	const capabilities = { ...CAPABILITIES, ...changes };
	const calls: FakeCall[] = [];
	const messages: FakeMessage[] = [];
	let decide: Parameters<FakeChannel["script"]>[0] = () => undefined;

	async function run(call: FakeCall, effect: () => string): Promise<SendResult> {
		calls.push(call);
		const answer = await decide(call);
		if (answer === undefined) return { kind: "sent", messageId: effect() };
		if (answer.isDone === true) effect();
		return answer.result;
	}

	return {
		platform,
		capabilities,
		calls,
		messages,
		visible: (chatId) =>
			messages.filter((one) => one.chatId === chatId).map((one) => one.versions.at(-1) ?? ""),
		script(answer) {
			decide = answer;
		},
		toInbound: (body, { botId }) => toInbound(body as FakeBody, platform, botId),
		render: (reply) => render(reply, capabilities.textLengthMax),
		async send(chat, part, { replyToMessageId }) {
			return await run({ method: "send", chatId: chat.id, text: part.text, part }, () => {
				const messageId = String(messages.length + 1);
				const attachment = part.attachment?.filename;
				messages.push({
					messageId,
					chatId: chat.id,
					replyTo: replyToMessageId,
					versions: [part.text],
					attachment,
				});
				return messageId;
			});
		},
		async edit(chat, messageId, part) {
			return await run({ method: "edit", chatId: chat.id, text: part.text, messageId, part }, () => {
				const versions = messages.find((one) => one.messageId === messageId)?.versions;
				if (versions?.at(-1) !== part.text) versions?.push(part.text);
				return messageId;
			});
		},
		async typing(chat) {
			await run({ method: "typing", chatId: chat.id, text: "" }, () => "");
		},
		async draft(chat, draftId, markdown) {
			return await run(
				{ method: "draft", chatId: chat.id, text: markdown, messageId: String(draftId) },
				() => "",
			);
		},
		async answerAction(chat, actionId, text) {
			await run({ method: "answerAction", chatId: chat.id, text: text ?? "", messageId: actionId }, () => "");
		},
	};
}

function toInbound(body: FakeBody, platform: Channel["platform"], botId: string): Inbound {
	if (body.isPoison === true) throw new Error("poison");
	const { chatId, kind = "private", userId = chatId, languageHint, text = "", messageId } = body;
	return {
		...(body.isAnonymous !== true && {
			sender: { platform, botId, userId, ...(languageHint !== undefined && { languageHint }) },
		}),
		chat: { platform, botId, id: chatId, kind },
		...(messageId !== undefined && { messageId }),
		content: body.content ?? { kind: "text", text, forwarded: false },
	};
}

function render({ markdown, buttons, attachment }: Reply, lengthMax: number): readonly RenderedPart[] {
	const parts: RenderedPart[] = [];
	for (let from = 0; from === 0 || from < markdown.length; from += lengthMax) {
		const plain = markdown.slice(from, from + lengthMax);
		parts.push({ text: `<p>${plain}</p>`, plain });
	}
	const last = parts.pop();
	if (last !== undefined) {
		parts.push({
			...last,
			...(buttons !== undefined && { buttons }),
			...(attachment !== undefined && { attachment }),
		});
	}
	return parts;
}
