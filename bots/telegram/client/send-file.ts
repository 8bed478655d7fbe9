import { GrammyError } from "grammy";
import type { RenderedPart } from "../../../core/channels/channel.ts";
import type { TelegramTransport } from "../api/transport.ts";

type Target = { readonly chat_id: number; readonly message_thread_id?: number };

/** Sends text as a file; returns the message's id. @throws GrammyError, CallFailure */
export async function sendFile(
	token: string,
	transport: TelegramTransport,
	target: Target,
	{ filename, text }: NonNullable<RenderedPart["attachment"]>,
): Promise<number> {
	// Telegram refuses an empty file.
	const content = Buffer.from(text === "" ? "\n" : text);
	const answer = await transport.call(token, "sendDocument", target, {
		upload: { field: "document", filename, content },
	});
	if (!answer.ok) throw new GrammyError("Call to 'sendDocument' failed!", answer, "sendDocument", target);
	const { result } = answer;
	const hasId = typeof result === "object" && result !== null && "message_id" in result;
	return hasId ? Number(result.message_id) : 0;
}
