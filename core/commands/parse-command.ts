/** Longest rest of a command that is read, in UTF-16 code units; what stands behind it is cut. */
export const ARGS_LENGTH_MAX = 1_000;

/** Name, optional "@bot", then white space or the end. "/usr/bin" and "//" are no commands. */
const COMMAND = /^\/([\p{L}\p{N}_][\p{L}\p{M}\p{N}_]{0,31})(?:@([A-Za-z0-9_]{1,64}))?(?:\s+(.*))?$/su;

export type ParsedCommand =
	| {
			readonly kind: "command";
			/** Lower case, NFC, without "/" and without the bot's name. */
			readonly name: string;
			readonly args: string;
	  }
	/** Addressed to another bot: never run, never answered. */
	| { readonly kind: "foreign" };

/**
 * Reads a command, or undefined for plain talk. Only an ASCII "/" as the very first character counts: quoted, indented and
 * full-width slashes are talk (security, row 28). Forwarded text must not be passed in at all.
 *
 * botUsername: our own name without "@"; where there is none, every addressed command is foreign.
 */
export function parseCommand(text: string, botUsername?: string): ParsedCommand | undefined {
	// The pattern need not walk through a megabyte to find out that it is talk.
	const match = COMMAND.exec(cutText(text, ARGS_LENGTH_MAX + 128));
	const name = match?.[1];
	if (match === null || name === undefined) return undefined;
	const addressee = match[2];
	if (addressee !== undefined && addressee.toLowerCase() !== botUsername?.toLowerCase()) {
		return { kind: "foreign" };
	}
	const args = cutText((match[3] ?? "").trim(), ARGS_LENGTH_MAX).trim();
	return { kind: "command", name: name.normalize("NFC").toLowerCase(), args };
}

/** Cuts between code points, so that no half of a surrogate pair is left. */
function cutText(text: string, lengthMax: number): string {
	if (text.length <= lengthMax) return text;
	const last = text.charCodeAt(lengthMax - 1);
	return text.slice(0, last >= 0xd800 && last <= 0xdbff ? lengthMax - 1 : lengthMax);
}
