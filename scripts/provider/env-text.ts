import { createHash } from "node:crypto";
import { parseEnv } from "node:util";
import { WizardError } from "./wizard-error.ts";

/** Variables to set. An empty value counts as absent, and keeps the place of the line. */
export type EnvChanges = Readonly<Record<string, string>>;

/**
 * What an edit did, so that exactly that can be taken back. Of what was written it holds prints only: a key that is to be in .env
 * alone must not be here as well.
 */
export type EnvEdit = {
	readonly replaced: readonly { readonly name: string; readonly before: string; readonly print: string }[];
	/** What was put at the end, as a whole and line by line; an empty one has no lines. */
	readonly appended: {
		readonly length: number;
		readonly print: string;
		readonly lines: readonly { readonly name: string; readonly print: string }[];
	};
};

export type EnvUndo =
	| { readonly kind: "undone"; readonly text: string }
	| { readonly kind: "already"; readonly text: string }
	/** Somebody else changed this variable since. */
	| { readonly kind: "changed"; readonly name: string };

/** One variable with its value, which may go over several lines. Without the end of its last line. */
type Entry = { readonly name: string; readonly start: number; readonly end: number };

const ASSIGNMENT = /^[ \t]*(?:export[ \t]+)?([^\s=#]+)[ \t]*=[ \t]*/;
const PLAIN = /^[\w.:/+=@%,-]*$/;

/**
 * Sets variables in the text of a .env file: the last line of that name is the one that counts, so it is the one that changes;
 * a new one goes to the end. Every other byte stays. Variables that are not there and get an empty value stay away.
 *
 * @throws WizardError when the result would not read back as it should
 */
export function editEnv(
	text: string,
	changes: EnvChanges,
): { readonly text: string; readonly edit: EnvEdit } {
	const replaced: { name: string; before: string; print: string }[] = [];
	const added: { name: string; line: string }[] = [];
	let edited = text;
	for (const [name, value] of Object.entries(changes)) {
		const line = `${name}=${quote(name, value)}`;
		const entry = findLast(edited, name);
		if (entry === undefined) {
			if (value !== "") added.push({ name, line });
			continue;
		}
		if (parseEnv(edited)[name] === value) continue;
		const before = edited.slice(entry.start, entry.end);
		edited = `${edited.slice(0, entry.start)}${line}${edited.slice(entry.end)}`;
		replaced.push({ name, before, print: toPrint(line) });
	}
	const end = toAppended(
		edited,
		added.map(({ line }) => line),
	);
	edited += end;
	assertReadsBack(text, edited, changes);
	const lines = added.map(({ name, line }) => ({ name, print: toPrint(line) }));
	return { text: edited, edit: { replaced, appended: { length: end.length, print: toPrint(end), lines } } };
}

/** Takes an edit back, whatever else was changed meanwhile; where it was taken back already, nothing happens. */
export function undoEnv(text: string, { replaced, appended }: EnvEdit): EnvUndo {
	let undone = text;
	for (const { name, before, print } of replaced) {
		const entry = findLast(undone, name);
		const now = entry === undefined ? undefined : undone.slice(entry.start, entry.end);
		if (now === before) continue;
		if (entry === undefined || now === undefined || toPrint(now) !== print) return { kind: "changed", name };
		undone = `${undone.slice(0, entry.start)}${before}${undone.slice(entry.end)}`;
	}
	const rest = takeAway(undone, appended);
	if (rest.kind === "changed") return rest;
	return { kind: rest.text === text ? "already" : "undone", text: rest.text };
}

/** Takes lines out that were put at the end, wherever they are now. */
function takeAway(text: string, appended: EnvEdit["appended"]): Exclude<EnvUndo, { kind: "already" }> {
	const cut = text.length - appended.length;
	if (cut >= 0 && toPrint(text.slice(cut)) === appended.print)
		return { kind: "undone", text: text.slice(0, cut) };
	let left = text;
	for (const { name, print } of appended.lines) {
		const found = findLast(left, name);
		if (found === undefined) continue;
		if (toPrint(left.slice(found.start, found.end)) !== print) return { kind: "changed", name };
		left = `${left.slice(0, found.start)}${left.slice(afterLine(left, found.end))}`;
	}
	return { kind: "undone", text: left };
}

function toPrint(text: string): string {
	return createHash("sha256").update(text, "latin1").digest("base64url");
}

function findLast(text: string, name: string): Entry | undefined {
	return listEntries(text).findLast((entry) => entry.name === name);
}

/** As Node reads the file: a value that begins with a quote goes up to the next one of its kind, over lines if need be. */
function listEntries(text: string): readonly Entry[] {
	const entries: Entry[] = [];
	let start = 0;
	while (start < text.length) {
		let end = endOfLine(text, start);
		const match = ASSIGNMENT.exec(text.slice(start, end));
		if (match !== null) {
			const valueAt = start + match[0].length;
			const mark = text[valueAt] ?? "";
			const closing = /["'`]/.test(mark) ? text.indexOf(mark, valueAt + 1) : -1;
			if (closing !== -1) end = endOfLine(text, closing);
			entries.push({ name: match[1] ?? "", start, end });
		}
		start = afterLine(text, end);
	}
	return entries;
}

function endOfLine(text: string, from: number): number {
	const found = text.indexOf("\n", from);
	if (found === -1) return text.length;
	return text[found - 1] === "\r" && found > from ? found - 1 : found;
}

function afterLine(text: string, end: number): number {
	if (text.startsWith("\r\n", end)) return end + 2;
	return Math.min(text.length, end + 1);
}

/** Ends lines the way the file does. */
function toAppended(text: string, lines: readonly string[]): string {
	if (lines.length === 0) return "";
	const newline = text.includes("\r\n") ? "\r\n" : "\n";
	const gap = text === "" || text.endsWith("\n") ? "" : newline;
	return gap + lines.map((line) => line + newline).join("");
}

/** In single quotes nothing is replaced, neither by Node nor by docker compose. */
function quote(name: string, value: string): string {
	if (PLAIN.test(value)) return value;
	const mark = ["'", "`", '"'].find((candidate) => !value.includes(candidate));
	if (mark === undefined)
		throw new WizardError(`${name} holds every kind of quote, so no .env file can hold it`);
	return `${mark}${value}${mark}`;
}

/** The last word: what Node itself reads, before and after. */
function assertReadsBack(before: string, after: string, changes: EnvChanges): void {
	const expected: Record<string, string | undefined> = { ...parseEnv(before) };
	for (const [name, value] of Object.entries(changes)) {
		if (value !== "" || name in expected) expected[name] = value;
	}
	const read = parseEnv(after);
	const names = new Set([...Object.keys(expected), ...Object.keys(read)]);
	const wrong = [...names].find((name) => expected[name] !== read[name]);
	if (wrong === undefined) return;
	throw new WizardError(
		`.env cannot be edited safely: ${wrong} would read differently afterwards; is a quote left open in it? Nothing was changed`,
	);
}
