/** Shorter values would black out half of every line, and are no secrets. */
const LENGTH_MIN = 8;
/** Values kept; the oldest goes first. One value has about ten forms. */
const VALUES_MAX = 5_000;

export type SecretIndex = {
	add(value: string): void;
	/** The text with every form of every known value blacked out. Cost grows with the text, not with the number of values. */
	blackOut(text: string): string;
};

/** Finds known values in text, also written as JSON, base64, hex or percent-encoded. */
export function createSecretIndex(mask: string): SecretIndex {
	const formsOf = new Map<string, readonly string[]>();
	/** Forms by their first LENGTH_MIN characters, longest first. */
	const byStart = new Map<string, string[]>();
	/** A cheap first look: whether any form starts with these two characters. */
	const starts = new Uint8Array(65_536);

	function remove(value: string): void {
		for (const form of formsOf.get(value) ?? []) {
			const key = form.slice(0, LENGTH_MIN);
			const left = (byStart.get(key) ?? []).filter((other) => other !== form);
			if (left.length > 0) byStart.set(key, left);
			else byStart.delete(key);
		}
		formsOf.delete(value);
	}

	return {
		add(value) {
			if (value.length < LENGTH_MIN || formsOf.has(value)) return;
			const oldest = formsOf.size >= VALUES_MAX ? formsOf.keys().next().value : undefined;
			if (oldest !== undefined) remove(oldest);
			const forms = toForms(value);
			formsOf.set(value, forms);
			for (const form of forms) {
				const key = form.slice(0, LENGTH_MIN);
				const others = byStart.get(key) ?? [];
				byStart.set(
					key,
					[...others, form].sort((a, b) => b.length - a.length),
				);
				starts[toStart(form, 0)] = 1;
			}
		},
		blackOut(text) {
			if (byStart.size === 0) return text;
			let clean = "";
			let from = 0;
			for (let at = 0; at <= text.length - LENGTH_MIN; at += 1) {
				if (starts[toStart(text, at)] === 0) continue;
				const form = byStart
					.get(text.slice(at, at + LENGTH_MIN))
					?.find((entry) => text.startsWith(entry, at));
				if (form === undefined) continue;
				clean += text.slice(from, at) + mask;
				from = at + form.length;
				at = from - 1;
			}
			return from === 0 ? text : clean + text.slice(from);
		},
	};
}

function toStart(text: string, at: number): number {
	return ((text.charCodeAt(at) << 8) ^ text.charCodeAt(at + 1)) & 0xffff;
}

/** How a value may look in a log line. Base64 of a longer text that holds it differs by where in a group of three it begins. */
function toForms(value: string): readonly string[] {
	const bytes = Buffer.from(value, "utf8");
	const escaped = JSON.stringify(value).slice(1, -1);
	const percent = encodeURIComponent(value);
	const forms = [
		value,
		escaped,
		JSON.stringify(escaped).slice(1, -1),
		percent,
		percent.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
		bytes.toString("hex"),
	];
	for (const shift of [0, 1, 2]) {
		const whole = Buffer.concat([Buffer.alloc(shift), bytes])
			.toString("base64")
			.replace(/=+$/, "");
		// The first and the last character also hold bits of the neighbours.
		const inner = whole.slice(
			shift === 0 ? 0 : shift + 1,
			bytes.length % 3 === (3 - shift) % 3 ? undefined : -1,
		);
		forms.push(inner, inner.replaceAll("+", "-").replaceAll("/", "_"));
	}
	return [...new Set(forms)].filter((form) => form.length >= LENGTH_MIN);
}
