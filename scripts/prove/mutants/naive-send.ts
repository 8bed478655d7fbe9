import type { ModuleEdit } from "../testing/module-mutant.ts";

/** An answer is sent as it is, and once more whenever nobody knows whether it arrived. */
export const NAIVE_SEND: readonly ModuleEdit[] = [
	{
		file: "core/outbox/deliver-part.ts",
		from: "	let current = part;\n",
		to: `	const { channel, chat, replyToMessageId } = context;
	const options = part.part === 0 && replyToMessageId !== undefined ? { replyToMessageId } : {};
	const result = await attempt(context, async () => await channel.send(chat, part.content, options));
	if (result !== undefined) return result.kind === "sent" ? final(part, "done") : fail(part, "ph_sending", result);
	let current = part;
`,
	},
];
