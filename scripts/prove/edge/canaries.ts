/** A secret that must not be seen where it does not belong. */
export type Canary = {
	readonly name: string;
	/** Without what is public of it, such as the id of a bot before its token. */
	readonly secret: string;
	/** Where it is shown on purpose, by the kinds of place; nowhere unless told. */
	readonly allowedIn?: readonly PlaceKind[];
};

/** dump: every table as text. texts: what the fake Telegram shows. vendor: what a vendor was sent. */
export type PlaceKind = "dump" | "log" | "http" | "texts" | "vendor";

export type Place = { readonly kind: PlaceKind; readonly name: string; readonly text: string };

export type Hit = { readonly canary: string; readonly place: string; readonly around: string };

/** A piece this long is no accident: 12 characters of 64 kinds. */
const GRAM = 12;
const AROUND = 40;
const HITS_MAX = 20;

/**
 * Looks for any 12 characters in a row of any canary, as it is and as JSON, base64, hex or percent-encoding make it: a part of a
 * secret is found too. Shorter ones are looked for whole.
 */
export function findCanaries(canaries: readonly Canary[], places: readonly Place[]): readonly Hit[] {
	const grams = new Map<string, Canary>();
	const shorts: (readonly [string, Canary])[] = [];
	for (const canary of canaries) {
		for (const form of toForms(canary.secret)) {
			if (form.length < GRAM) shorts.push([form, canary]);
			for (let at = 0; at + GRAM <= form.length; at += 1) grams.set(form.slice(at, at + GRAM), canary);
		}
	}
	const starts = new Set([...grams.keys()].map((gram) => gram.slice(0, 2)));
	const hits: Hit[] = [];
	for (const place of places) {
		const note = (canary: Canary, at: number): void => {
			if (canary.allowedIn?.includes(place.kind) === true || hits.length >= HITS_MAX) return;
			hits.push({
				canary: canary.name,
				place: `${place.kind} ${place.name}`,
				around: around(place.text, at),
			});
		};
		for (const [form, canary] of shorts) {
			const at = place.text.indexOf(form);
			if (at >= 0) note(canary, at);
		}
		scan(place.text, grams, starts, note);
	}
	return hits;
}

function scan(
	text: string,
	grams: ReadonlyMap<string, Canary>,
	starts: ReadonlySet<string>,
	note: (canary: Canary, at: number) => void,
): void {
	for (let at = 0; at + GRAM <= text.length; at += 1) {
		if (!starts.has(text.slice(at, at + 2))) continue;
		const canary = grams.get(text.slice(at, at + GRAM));
		if (canary === undefined) continue;
		note(canary, at);
		at += GRAM;
	}
}

function toForms(secret: string): readonly string[] {
	const bytes = Buffer.from(secret);
	const shifted = [0, 1, 2].map((shift) => {
		const text = Buffer.concat([Buffer.alloc(shift), bytes])
			.toString("base64")
			.replace(/=+$/, "");
		// The outermost characters hold bits of what stands beside it.
		return text.slice(shift + 1, -1);
	});
	const forms = [
		secret,
		JSON.stringify(secret).slice(1, -1),
		encodeURIComponent(secret),
		bytes.toString("hex"),
		...shifted,
		...shifted.map((text) => text.replaceAll("+", "-").replaceAll("/", "_")),
		[...secret].reverse().join(""),
	];
	return [...new Set(forms)];
}

function around(text: string, at: number): string {
	return text.slice(Math.max(0, at - AROUND), at).replace(/\s+/g, " ");
}
