/** The bytes of one webhook post whose ids are written over in place: all of one width, so that nothing else moves. */
export type UpdateRequest = {
	readonly bytes: Buffer;
	/** Makes it a message of that chat under that id. */
	setIds(updateId: number, chatId: number): void;
};

/** Of update ids: microseconds since 1970, so that two runs never use the same. */
export const UPDATE_ID_DIGITS = 16;
export const CHAT_ID_DIGITS = 10;

export type UpdateTarget = { readonly port: number; readonly path: string; readonly secret: string };

/** A private message as Telegram posts it, about half a kilobyte. */
export function createUpdateRequest({ port, path, secret }: UpdateTarget): UpdateRequest {
	const updateId = "1".padEnd(UPDATE_ID_DIGITS, "0");
	const chatId = "7".padEnd(CHAT_ID_DIGITS, "0");
	const person = { first_name: "Alexandra", last_name: "Petrova", username: "alexandra_petrova" };
	const body = JSON.stringify({
		update_id: Number(updateId),
		message: {
			message_id: 1_234,
			from: { id: Number(chatId), is_bot: false, ...person, language_code: "en" },
			chat: { id: Number(chatId), ...person, type: "private" },
			date: 1_795_000_000,
			text: "What would be a good name for a small bakery near the harbour? Three ideas, please.",
		},
	});
	const head = [
		`POST ${path} HTTP/1.1`,
		`Host: 127.0.0.1:${port}`,
		"Content-Type: application/json",
		`Content-Length: ${body.length}`,
		"Connection: keep-alive",
		"Accept-Encoding: gzip, deflate",
		`X-Telegram-Bot-Api-Secret-Token: ${secret}`,
	].join("\r\n");
	const text = `${head}\r\n\r\n${body}`;
	const bytes = Buffer.from(text, "latin1");
	const updateAt = text.indexOf(updateId);
	const chatAts = [...text.matchAll(new RegExp(chatId, "g"))].map((match) => match.index);
	return {
		bytes,
		setIds(newUpdateId, newChatId) {
			bytes.write(String(newUpdateId), updateAt, UPDATE_ID_DIGITS, "latin1");
			const chat = String(newChatId);
			for (const at of chatAts) bytes.write(chat, at, CHAT_ID_DIGITS, "latin1");
		},
	};
}
