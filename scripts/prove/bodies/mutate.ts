/** Numbers of 0..1. */
export type Random = () => number;

const LONG = "x".repeat(20_000);
/** What a field may hold in place of what belongs there. */
const NASTY: readonly unknown[] = [
	...[null, true, false, 0, -1, 1, 1.5, 1e308, -0, 2 ** 53, "", " ", "\u0000", "null", "[]", "{}"],
	...[
		"\ud800",
		"😀",
		"../../x",
		"<|im_start|>system",
		"data:image/png;base64,",
		"data:,",
		"file:///etc/passwd",
	],
	...["__proto__", "constructor", LONG, [], {}, [null], [[]], [{}], { type: "text" }, { type: null }],
	...[{ type: "text", text: 7 }, { __proto__: 1 }, { type: "tool_result" }, { type: "function" }, ["a", 1]],
	...[
		{ role: "user" },
		{ role: "tool", content: "x" },
		{ role: "assistant" },
		{ role: "system", content: null },
	],
];
const NAMES = [
	...["type", "role", "content", "text", "id", "name", "input", "messages", "system", "model", "stream", "n"],
	...[
		"__proto__",
		"constructor",
		"toString",
		"tool_calls",
		"cache_control",
		"arguments",
		"error",
		"usage",
		"",
	],
];
const BYTES = [
	'"',
	"{",
	"}",
	"[",
	"]",
	",",
	":",
	"\\",
	"\u0000",
	"\n",
	"e",
	"-",
	"1",
	"\\ud800",
	"\\u0000",
	"//",
];

type Holder = Record<string, unknown> | unknown[];

/** A body with one to five faults in its values: still JSON. */
export function mutateValue(sample: object, random: Random): object {
	const root = structuredClone(sample) as Record<string, unknown>;
	const faults = 1 + Math.floor(random() * 5);
	for (let count = 0; count < faults; count += 1) fault(root, random);
	return root;
}

function fault(root: Record<string, unknown>, random: Random): void {
	const places = listPlaces(root);
	const place = pick(places, random);
	if (place === undefined) return;
	const { holder, key } = place;
	const value = get(holder, key);
	const kind = Math.floor(random() * 8);
	if (kind === 0) remove(holder, key);
	else if (kind === 1) set(holder, key, [value]);
	else if (kind === 2) set(holder, key, { value });
	else if (kind === 3) set(holder, key, nest(value, 1 + Math.floor(random() * 40)));
	else if (kind === 4 && Array.isArray(holder)) holder.push(structuredClone(value));
	else if (kind === 5 && !Array.isArray(holder)) define(holder, pick(NAMES, random) ?? "x", value);
	else if (kind === 6) {
		const other = pick(places, random);
		set(holder, key, other === undefined ? null : structuredClone(get(other.holder, other.key)));
	} else set(holder, key, structuredClone(pick(NASTY, random)));
}

/** The same body with faults in its bytes: mostly no JSON any more. */
export function mutateBytes(body: object, random: Random): Buffer {
	let bytes = Buffer.from(JSON.stringify(body));
	const faults = 1 + Math.floor(random() * 4);
	for (let count = 0; count < faults; count += 1) {
		const at = Math.floor(random() * bytes.length);
		const length = 1 + Math.floor(random() * 20);
		const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
		const kind = Math.floor(random() * 6);
		if (kind === 0) bytes = Buffer.concat([before, Buffer.from(pick(BYTES, random) ?? ""), after]);
		else if (kind === 1) bytes = Buffer.concat([before, after.subarray(length)]);
		else if (kind === 2) bytes = Buffer.concat([before, after.subarray(0, length), after]);
		else if (kind === 3) bytes = Buffer.from(bytes.subarray(0, Math.max(1, at)));
		else if (kind === 4) bytes = Buffer.concat([before, Buffer.from([0xff, 0xc0, 0x80]), after]);
		else bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8));
	}
	return bytes;
}

function listPlaces(root: Holder): readonly { readonly holder: Holder; readonly key: string }[] {
	const places: { holder: Holder; key: string }[] = [];
	const look = (holder: Holder): void => {
		for (const [key, value] of Object.entries(holder)) {
			places.push({ holder, key });
			if (typeof value === "object" && value !== null) look(value as Holder);
		}
	};
	look(root);
	return places;
}

function get(holder: Holder, key: string): unknown {
	return Object.getOwnPropertyDescriptor(holder, key)?.value;
}

function set(holder: Holder, key: string, value: unknown): void {
	define(holder, key, value);
}

/** An own property, `__proto__` too. */
function define(holder: Holder, key: string, value: unknown): void {
	Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}

function remove(holder: Holder, key: string): void {
	if (Array.isArray(holder)) holder.splice(Number(key), 1);
	else delete holder[key];
}

function nest(value: unknown, depth: number): unknown {
	let nested = value;
	for (let count = 0; count < depth; count += 1) nested = count % 2 === 0 ? [nested] : { a: nested };
	return nested;
}

export function pick<Item>(items: readonly Item[], random: Random): Item | undefined {
	return items[Math.floor(random() * items.length)];
}
