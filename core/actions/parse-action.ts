import { z } from "zod";
import { TIER_POLICIES } from "../commands/tier-words.ts";
import type { Policy } from "../models/model-call.ts";
import { LANGUAGES } from "../texts/say.ts";

/** Longest data of a button, in UTF-8 bytes (source: Telegram, callback_data). */
export const ACTION_BYTES_MAX = 64;

/** Commands a button may stand for: such as change nothing. */
const BUTTON_COMMANDS = ["help", "plan", "usage", "support", "agents", "tier", "lang", "timezone"] as const;

/** What a button may begin; what breaks something off is asked about then. */
const INSTANCE_VERBS = ["create", "start", "stop", "restart", "delete"] as const;

/** What a pressed button asks for. Untrusted: whoever pressed it may have made it up. */
export type Action =
	| { readonly kind: "stop" }
	| { readonly kind: "retry" }
	| { readonly kind: "resend"; readonly inboxId: string }
	| { readonly kind: "agent"; readonly agentId: string }
	| { readonly kind: "tier"; readonly policy: Policy }
	| { readonly kind: "lang"; readonly language: (typeof LANGUAGES)[number] }
	| { readonly kind: "zone"; readonly zone: string }
	| { readonly kind: "delete" | "unbind" | "bind"; readonly token: string }
	| { readonly kind: "instance"; readonly verb: (typeof INSTANCE_VERBS)[number] }
	| { readonly kind: "instance-stop" | "instance-restart" | "instance-delete"; readonly token: string }
	| { readonly kind: "command"; readonly name: (typeof BUTTON_COMMANDS)[number] }
	/** An answer to a question of a dialogue; worth something only while that dialogue is open. */
	| { readonly kind: "dialogue" };

/** A row id of ours: fits int8. */
const id = z.string().regex(/^[1-9]\d{0,17}$/);
const token = z.string().regex(/^[0-9a-z]{8}$/);
const none = z.literal("");

const actionSchema = z.discriminatedUnion("verb", [
	// The chat has one running answer for its owner, so an id adds nothing; it is allowed and ignored.
	toAction("stop", z.union([none, id]), () => ({ kind: "stop" })),
	toAction("retry", none, () => ({ kind: "retry" })),
	toAction("resend", id, (inboxId) => ({ kind: "resend", inboxId })),
	toAction("agent", z.string().regex(/^[a-z0-9-]{1,40}$/), (agentId) => ({ kind: "agent", agentId })),
	toAction("tier", z.enum(["smart", "economy", "china-ready"]), (word) => ({
		kind: "tier",
		policy: TIER_POLICIES[word],
	})),
	toAction("lang", z.enum(LANGUAGES), (language) => ({ kind: "lang", language })),
	toAction("tz", z.string().regex(/^[A-Za-z0-9_+/-]{1,48}$/), (zone) => ({ kind: "zone", zone })),
	toAction("delete", token, (given) => ({ kind: "delete", token: given })),
	toAction("unbind", token, (given) => ({ kind: "unbind", token: given })),
	toAction("bind", token, (given) => ({ kind: "bind", token: given })),
	toAction("instance", z.enum(INSTANCE_VERBS), (verb) => ({ kind: "instance", verb })),
	toAction("inst-stop", token, (given) => ({ kind: "instance-stop", token: given })),
	toAction("inst-restart", token, (given) => ({ kind: "instance-restart", token: given })),
	toAction("inst-delete", token, (given) => ({ kind: "instance-delete", token: given })),
	toAction("cmd", z.enum(BUTTON_COMMANDS), (name) => ({ kind: "command", name })),
	toAction("ob", z.string(), () => ({ kind: "dialogue" })),
]);

function toAction<Verb extends string, Argument>(
	verb: Verb,
	argument: z.ZodType<Argument, string>,
	convert: (argument: Argument) => Action,
) {
	return z
		.object({ verb: z.literal(verb), argument })
		.transform((value) => convert(value.argument as Argument));
}

/** Undefined: no button of ours carries this (forged, or from a version that is gone). */
export function parseAction(data: string): Action | undefined {
	if (data.length > ACTION_BYTES_MAX || Buffer.byteLength(data) > ACTION_BYTES_MAX) return undefined;
	const colon = data.indexOf(":");
	const verb = colon === -1 ? data : data.slice(0, colon);
	const argument = colon === -1 ? "" : data.slice(colon + 1);
	return actionSchema.safeParse({ verb, argument }).data;
}
