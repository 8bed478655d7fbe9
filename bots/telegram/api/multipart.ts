import { randomUUID } from "node:crypto";

export type Upload = { readonly field: string; readonly filename: string; readonly content: Buffer };

/** A call with a file, as multipart/form-data (RFC 7578). */
export function toMultipart(
	payload: object,
	upload: Upload,
): { readonly contentType: string; readonly body: Buffer } {
	const boundary = `rockpool-${randomUUID()}`;
	const fields = Object.entries(payload)
		.filter(([, value]) => value !== undefined)
		.map(([name, value]: readonly [string, unknown]) => {
			const text = typeof value === "string" ? value : JSON.stringify(value);
			return `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`;
		});
	const name = toFilename(upload.filename);
	const fileHead = `--${boundary}\r\ncontent-disposition: form-data; name="${upload.field}"; filename="${name}"\r\ncontent-type: application/octet-stream\r\n\r\n`;
	const body = Buffer.concat([
		Buffer.from(fields.join("") + fileHead),
		upload.content,
		Buffer.from(`\r\n--${boundary}--\r\n`),
	]);
	return { contentType: `multipart/form-data; boundary=${boundary}`, body };
}

/** Letters, digits, dots and dashes only: a name must not reach out of its header or its folder (source: design security, row 32). */
function toFilename(name: string): string {
	const base = name.split(/[/\\]/).at(-1) ?? "";
	const plain = base.normalize("NFKC").replace(/[^\p{L}\p{N}._-]+/gu, "_");
	const safe = plain.replace(/^[._]+/, "").slice(-100);
	return safe === "" ? "file.txt" : safe;
}
