import type { RenderedPart } from "../../../core/channels/channel.ts";
import type { Button, Reply } from "../../../core/pipeline/message.ts";
import { stripControl } from "./strip-control.ts";

/** A terminal scrolls; this only keeps one message from being absurd. UTF-16 code units. */
export const TEXT_LENGTH_MAX = 1_000_000;

/** Shown when there is nothing to show. */
const NOTHING = "…";

/** One part a reply: its Markdown and the buttons as a numbered list; an attachment stays a file. */
export function renderReply({ markdown, buttons, attachment }: Reply): readonly RenderedPart[] {
	const text = joinBlocks([stripControl(markdown).trimEnd(), toChoices(buttons ?? [])]);
	return [
		{
			text,
			plain: text,
			...(buttons === undefined ? {} : { buttons }),
			...(attachment === undefined ? {} : { attachment }),
		},
	];
}

/** The part as text alone: its attachment is a code block behind it. */
export function inlineAttachment({ attachment, ...part }: RenderedPart): RenderedPart {
	if (attachment === undefined) return part;
	const block = toCodeBlock(attachment.filename, attachment.text);
	const text = joinBlocks([part.text === NOTHING ? "" : part.text, block]);
	return { ...part, text, plain: text };
}

function joinBlocks(blocks: readonly string[]): string {
	const whole = blocks.filter((block) => block !== "").join("\n\n");
	return (whole === "" ? NOTHING : whole).slice(0, TEXT_LENGTH_MAX).toWellFormed();
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
