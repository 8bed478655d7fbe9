import type { RenderedPart } from "../../../core/channels/channel.ts";
import type { Reply } from "../../../core/pipeline/message.ts";
import { markdownRuns } from "./markdown-runs.ts";
import type { Run } from "./run.ts";
import { toHtml } from "./run.ts";
import { toSafeText } from "./safe-text.ts";
import { splitRuns } from "./split-runs.ts";

/** UTF-16 units after entity parsing (source: core.telegram.org/bots/api#sendmessage). */
export const TEXT_LENGTH_MAX = 4096;
const MARKDOWN_LENGTH_MAX = 150_000;
const BUTTON_DATA_BYTES_MAX = 64;
const BUTTON_LABEL_LENGTH_MAX = 64;
/** Shown when there is nothing to show: Telegram refuses an empty text. */
const NOTHING = "…";

/** A reply as Telegram messages: HTML cut to 4,096 visible units, and the same as plain text. Pure; never empty. */
export function render(reply: Reply): readonly RenderedPart[] {
	const parts = renderMarkdown(reply.markdown);
	const last = parts.at(-1);
	if (last === undefined) return [];
	const buttons = usableButtons(reply.buttons);
	return [
		...parts.slice(0, -1),
		{
			...last,
			...(buttons.length > 0 && { buttons }),
			...(reply.attachment !== undefined && { attachment: reply.attachment }),
		},
	];
}

/** What a draft shows of text that still grows: its end, as much as fits. */
export function renderDraft(markdown: string): RenderedPart {
	return renderMarkdown(markdown).at(-1) ?? { text: NOTHING, plain: NOTHING };
}

function renderMarkdown(markdown: string): readonly RenderedPart[] {
	const cut = markdown.length > MARKDOWN_LENGTH_MAX ? `${markdown.slice(0, MARKDOWN_LENGTH_MAX)}…` : markdown;
	const parts = splitRuns(markdownRuns(toSafeText(cut)), TEXT_LENGTH_MAX);
	if (parts.length === 0) return [{ text: NOTHING, plain: NOTHING }];
	return parts.map((runs) => ({ text: toHtml(runs), plain: toPlain(runs) }));
}

/** The visible text, with the addresses of links behind their words where there is room. */
function toPlain(runs: readonly Run[]): string {
	const visible = runs.map(({ text }) => text).join("");
	let spelled = "";
	for (const [at, { text, marks }] of runs.entries()) {
		spelled += text;
		const link = marks.find(({ kind }) => kind === "link");
		if (link?.url !== undefined && !runs[at + 1]?.marks.includes(link)) spelled += ` (${link.url})`;
	}
	return spelled.length <= TEXT_LENGTH_MAX ? spelled : visible;
}

/** One bad button would make Telegram refuse the whole message. */
function usableButtons(rows: Reply["buttons"] = []): NonNullable<Reply["buttons"]> {
	return rows
		.map((row) =>
			row
				.filter(({ label, data }) => {
					const bytes = Buffer.byteLength(data);
					return label.trim() !== "" && bytes > 0 && bytes <= BUTTON_DATA_BYTES_MAX;
				})
				.map(({ label, data }) => ({ label: shorten(toSafeText(label), BUTTON_LABEL_LENGTH_MAX), data })),
		)
		.filter((row) => row.length > 0);
}

/** At most `lengthMax` UTF-16 units, never half a character. */
export function shorten(text: string, lengthMax: number): string {
	if (text.length <= lengthMax) return text;
	return `${text.slice(0, lengthMax - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}
