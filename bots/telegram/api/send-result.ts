import { GrammyError } from "grammy";
import type { SendResult } from "../../../core/channels/channel.ts";
import { CallFailure } from "./call-failure.ts";

/** When Telegram names no time. */
const RATE_LIMIT_WAIT_MS = 5000;
/** A revoked token or a wrong server: somebody has to repair it. */
const CONFIGURATION_WAIT_MS = 60_000;

/** Texts of 400s (source: the Bot API's answers, which are not documented; matched in lower case). */
const MISSING: readonly string[] = [
	"message to edit not found",
	"message can't be edited",
	"message_id_invalid",
	"there is no text in the message to edit",
];
const UNREACHABLE: readonly string[] = [
	"chat not found",
	"user not found",
	"peer_id_invalid",
	"user_deactivated",
	"user is deactivated",
	"group chat was upgraded",
	"group chat was deactivated",
	"chat_write_forbidden",
	"chat_restricted",
	"topic_closed",
	"topic_deleted",
	"message thread not found",
	"have no rights to send",
	"not enough rights to send",
	"need administrator rights in the channel chat",
	"bot can't initiate conversation",
];

/** What a failed send or edit means (source: design message flow, classification). */
export function toSendResult(error: unknown): Exclude<SendResult, { readonly kind: "sent" }> | "unchanged" {
	if (error instanceof GrammyError) return fromRefusal(error);
	if (!(error instanceof CallFailure)) return { kind: "unknown", why: "unexpected failure" };
	return { kind: error.mayHaveHappened ? "unknown" : "not-sent", why: error.message };
}

/** The supergroup a group became, where that is why a call was refused. */
export function migratedTo(error: unknown): number | undefined {
	return error instanceof GrammyError ? error.parameters.migrate_to_chat_id : undefined;
}

function fromRefusal(error: GrammyError): Exclude<SendResult, { readonly kind: "sent" }> | "unchanged" {
	const why = `${error.error_code}: ${error.description}`.slice(0, 300);
	switch (error.error_code) {
		case 429: {
			const seconds = error.parameters.retry_after;
			return {
				kind: "not-sent",
				why,
				retryAfterMs: seconds === undefined ? RATE_LIMIT_WAIT_MS : seconds * 1000,
			};
		}
		case 401:
		case 404:
			return { kind: "not-sent", why, retryAfterMs: CONFIGURATION_WAIT_MS };
		case 403:
			return { kind: "undeliverable", why };
		case 400:
			return fromBadRequest(error.description.toLowerCase(), why);
		default:
			return error.error_code >= 500 ? { kind: "unknown", why } : { kind: "refused", why };
	}
}

function fromBadRequest(
	description: string,
	why: string,
): Exclude<SendResult, { readonly kind: "sent" }> | "unchanged" {
	const says = (phrase: string) => description.includes(phrase);
	if (says("message is not modified")) return "unchanged";
	if (MISSING.some(says)) return { kind: "missing", why };
	return { kind: UNREACHABLE.some(says) ? "undeliverable" : "refused", why };
}
