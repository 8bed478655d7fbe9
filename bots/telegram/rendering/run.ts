/** A kind of emphasis. `open` and `close` are Telegram HTML; two runs share a mark when they share the object. */
export type Mark = {
	readonly kind: "bold" | "italic" | "strike" | "code" | "pre" | "quote" | "link";
	readonly open: string;
	readonly close: string;
	/** Of a link, for the plain form. */
	readonly url?: string;
};

/** Visible text and the marks around it, the outermost first. */
export type Run = { readonly text: string; readonly marks: readonly Mark[] };

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

export function escapeHtml(text: string): string {
	return /[&<>]/.test(text) ? text.replace(/[&<>]/g, (char) => ESCAPES[char] ?? char) : text;
}

export function simpleMark(kind: "bold" | "italic" | "strike" | "code" | "quote"): Mark {
	const tag = { bold: "b", italic: "i", strike: "s", code: "code", quote: "blockquote" }[kind];
	return { kind, open: `<${tag}>`, close: `</${tag}>` };
}

export function linkMark(url: string): Mark {
	const href = url.replace(/[&<>"]/g, (char) => ESCAPES[char] ?? char);
	return { kind: "link", open: `<a href="${href}">`, close: "</a>", url };
}

/** A block of code; a language that is not a plain word is left out. */
export function preMark(language: string | null | undefined): Mark {
	const known = /^[\w+#.-]{1,30}$/.test(language ?? "") ? language : undefined;
	if (known === undefined) return { kind: "pre", open: "<pre>", close: "</pre>" };
	return { kind: "pre", open: `<pre><code class="language-${known}">`, close: "</code></pre>" };
}

/** Puts a mark inside others the way Telegram allows: each kind once, nothing but quotes around code. */
export function withMark(marks: readonly Mark[], mark: Mark): readonly Mark[] {
	if (marks.some(({ kind }) => kind === mark.kind || kind === "pre" || kind === "code")) return marks;
	if (mark.kind === "pre") return [...marks.filter(({ kind }) => kind === "quote"), mark];
	if (mark.kind !== "code") return [...marks, mark];
	// A link says more than a typeface.
	if (marks.some(({ kind }) => kind === "link")) return marks;
	return [...marks.filter(({ kind }) => kind === "quote"), mark];
}

/** Telegram HTML of some runs; every tag it opens it closes. */
export function toHtml(runs: readonly Run[]): string {
	let html = "";
	let open: readonly Mark[] = [];
	for (const { text, marks } of runs) {
		let shared = 0;
		while (shared < open.length && open[shared] === marks[shared]) shared += 1;
		html += closing(open, shared);
		for (const mark of marks.slice(shared)) html += mark.open;
		html += escapeHtml(text);
		open = marks;
	}
	return html + closing(open, 0);
}

function closing(open: readonly Mark[], keep: number): string {
	let html = "";
	for (let at = open.length - 1; at >= keep; at -= 1) html += open[at]?.close ?? "";
	return html;
}
