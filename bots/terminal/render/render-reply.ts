import type { RenderedPart } from "../../../core/channels/channel.ts";
import type { Button, Reply } from "../../../core/pipeline/message.ts";
import { stripControl } from "./strip-control.ts";

/** A terminal scrolls; this only keeps one message from being absurd. UTF-16 code units. */
export const TEXT_LENGTH_MAX = 1_000_000;

/** One part a reply: its Markdown, an attachment as a code block, and the buttons as a numbered list. */
export function renderReply({ markdown, buttons, attachment }: Reply): readonly RenderedPart[] {
	const blocks = [
		stripControl(markdown).trimEnd(),
		...(attachment === undefined ? [] : [toCodeBlock(attachment.filename, attachment.text)]),
		toChoices(buttons ?? []),
	].filter((block) => block !== "");
	const whole = blocks.length === 0 ? "…" : blocks.join("\n\n");
	const text = whole.slice(0, TEXT_LENGTH_MAX).toWellFormed();
	return [{ text, plain: text, ...(buttons === undefined ? {} : { buttons }) }];
}

/** A fence longer than any inside, so that the text cannot leave its block. */
function toCodeBlock(filename: string, text: string): string {
	const inner = stripControl(text);
	const longest = Math.max(2, ...[...inner.matchAll(/`+/g)].map((run) => run[0].length));
	const fence = "`".repeat(longest + 1);
	return `${fence}${stripControl(filename).replace(/[`\n]/g, "")}\n${inner.trimEnd()}\n${fence}`;
}

function toChoices(rows: readonly (readonly Button[])[]): string {
	return rows
		.flat()
		.map((button, index) => `${index + 1}. ${stripControl(button.label).replaceAll("\n", " ")}`)
		.join("\n");
}
