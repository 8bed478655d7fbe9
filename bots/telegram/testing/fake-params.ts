import { badRequest } from "./fake-error.ts";

export type FakeFile = { readonly filename: string; readonly content: Buffer };

/** The arguments of one call, from JSON, a form, multipart or the query, read with the Bot API's own leniency. */
export type FakeParams = {
	has(name: string): boolean;
	text(name: string): string;
	integer(name: string): number | undefined;
	flag(name: string): boolean;
	/** An object or array; JSON text in forms. @throws FakeApiError when it is neither */
	json(name: string): unknown;
	file(name: string): FakeFile | undefined;
};

export function parseParams(contentType: string, query: string, body: Buffer): FakeParams {
	const values = new Map<string, unknown>();
	const files = new Map<string, FakeFile>();
	for (const [name, value] of new URLSearchParams(query)) values.set(name, value);
	if (body.length > 0) readBody(contentType, body, values, files);
	return {
		has: (name) => values.has(name) && values.get(name) !== null,
		text: (name) => toText(values.get(name)),
		integer: (name) => toInteger(name, values.get(name)),
		flag: (name) => ["true", "1", "yes"].includes(toText(values.get(name)).toLowerCase()),
		json: (name) => toJson(name, values.get(name)),
		file: (name) => files.get(name),
	};
}

function readBody(
	contentType: string,
	body: Buffer,
	values: Map<string, unknown>,
	files: Map<string, FakeFile>,
): void {
	if (contentType.startsWith("application/json")) {
		let parsed: unknown;
		try {
			parsed = JSON.parse(body.toString("utf8"));
		} catch {
			throw badRequest("can't parse JSON object");
		}
		for (const [name, value] of Object.entries(parsed ?? {})) values.set(name, value);
	} else if (contentType.startsWith("application/x-www-form-urlencoded")) {
		for (const [name, value] of new URLSearchParams(body.toString("utf8"))) values.set(name, value);
	} else if (contentType.startsWith("multipart/form-data")) {
		readMultipart(contentType, body, values, files);
	}
}

function readMultipart(
	contentType: string,
	body: Buffer,
	values: Map<string, unknown>,
	files: Map<string, FakeFile>,
): void {
	const boundary = /boundary="?([^";]+)"?/.exec(contentType)?.[1];
	if (boundary === undefined) throw badRequest("can't parse multipart boundary");
	const delimiter = Buffer.from(`--${boundary}`);
	let start = body.indexOf(delimiter);
	while (start >= 0) {
		const next = body.indexOf(delimiter, start + delimiter.length);
		if (next < 0) return;
		const part = body.subarray(start + delimiter.length + 2, next - 2);
		const headerEnd = part.indexOf("\r\n\r\n");
		const header = part.subarray(0, headerEnd).toString("utf8");
		const content = part.subarray(headerEnd + 4);
		const name = /[; ]name="([^"]*)"/.exec(header)?.[1] ?? "";
		const filename = /filename="([^"]*)"/.exec(header)?.[1];
		if (filename === undefined) values.set(name, content.toString("utf8"));
		else files.set(name, { filename, content: Buffer.from(content) });
		start = next;
	}
}

function toText(value: unknown): string {
	if (typeof value === "string") return value;
	return typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

function toInteger(name: string, value: unknown): number | undefined {
	if (value === undefined || value === null || value === "") return undefined;
	const number = Number(value);
	if (!Number.isSafeInteger(number)) throw badRequest(`invalid parameter "${name}" is specified`);
	return number;
}

function toJson(name: string, value: unknown): unknown {
	if (typeof value !== "string") return value ?? undefined;
	if (value === "") return undefined;
	try {
		return JSON.parse(value);
	} catch {
		throw badRequest(`can't parse ${name} JSON object`);
	}
}
