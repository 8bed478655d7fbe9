import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import type { AcceptOutcome, InboundEvent } from "../../../core/core.ts";
import type { SilentLog } from "../../../core/testing/silent-log.ts";
import { silentLog } from "../../../core/testing/silent-log.ts";
import type { WebhookHandlerOptions } from "../ingress/webhook-handler.ts";
import { createWebhookHandler } from "../ingress/webhook-handler.ts";
import { derivePath, deriveSecret } from "../ingress/webhook-secret.ts";

export const MASTER = "m4ster-secret_of-43-characters-ABCDEFGHIJKLM";
export const BOT_ID = "700";
export const PATH = derivePath(MASTER, BOT_ID);
export const SECRET = deriveSecret(MASTER, BOT_ID);
/** Of before a change; still taken. */
export const OLD_SECRET = deriveSecret(`${MASTER}-old`, BOT_ID);

export type RawAnswer = { readonly status: number; readonly headers: string; readonly isClosed: boolean };

/** The handler behind a real server, and raw sockets to abuse it with. */
export type WebhookWorld = {
	readonly port: number;
	/** What core was given, in order. */
	readonly events: InboundEvent[];
	readonly log: SilentLog;
	/** What core makes of an event; keeps it and says "new" unless told. */
	accept: (event: InboundEvent) => Promise<AcceptOutcome>;
	/** Writes raw bytes and reads one answer. Without a whole body the request stays unfinished. */
	send(head: readonly string[], ...pieces: readonly (string | Buffer)[]): Promise<RawAnswer>;
	/** A whole update. */
	post(body: string | Buffer, extra?: readonly string[]): Promise<RawAnswer>;
	close(): Promise<void>;
};

export async function startWebhookWorld(options: Partial<WebhookHandlerOptions> = {}): Promise<WebhookWorld> {
	const log = silentLog();
	const events: InboundEvent[] = [];
	const handler = createWebhookHandler({
		core: { accept: async (event) => await world.accept(event) },
		bots: [{ botId: BOT_ID, paths: [PATH], secrets: [SECRET, OLD_SECRET] }],
		toStorableJson: (raw) => raw.replaceAll("\\u0000", "\\ufffd"),
		log,
		...options,
	});
	const http = createServer((request, response) => {
		if (!handler(request, response)) response.writeHead(418).end();
	});
	http.listen(0, "127.0.0.1");
	await once(http, "listening");
	const { port } = http.address() as AddressInfo;

	const world: WebhookWorld = {
		port,
		events,
		log,
		accept: async (event) => {
			events.push(event);
			return await Promise.resolve({ kind: "new", inboxId: String(events.length) });
		},
		send: async (head, ...pieces) => await sendRaw(port, head, pieces),
		post: async (body, extra = []) =>
			await sendRaw(port, toHead([`content-length: ${Buffer.byteLength(body)}`, ...extra]), [body]),
		async close() {
			http.closeAllConnections();
			http.close();
			await once(http, "close");
		},
	};
	return world;
}

/** Request line and headers of an update. */
export function toHead(
	extra: readonly string[] = [],
	options: { readonly path?: string; readonly method?: string; readonly secret?: string } = {},
): readonly string[] {
	return [
		`${options.method ?? "POST"} ${options.path ?? PATH} HTTP/1.1`,
		"host: x",
		"content-type: application/json",
		`X-Telegram-Bot-Api-Secret-Token: ${options.secret ?? SECRET}`,
		...extra,
	];
}

export function toUpdate(fields: object = {}): string {
	const chat = { id: 9, type: "private" };
	const message = { message_id: 1, date: 1, chat, from: { id: 9 }, text: "hi" };
	return JSON.stringify({ update_id: 5, message, ...fields });
}

async function sendRaw(
	port: number,
	head: readonly string[],
	pieces: readonly (string | Buffer)[],
): Promise<RawAnswer> {
	const socket = connect(port, "127.0.0.1");
	const chunks: Buffer[] = [];
	let isClosed = false;
	socket.on("error", () => {});
	socket.write(`${head.join("\r\n")}\r\n\r\n`);
	for (const piece of pieces) socket.write(piece);
	return await new Promise<RawAnswer>((resolve) => {
		const finish = () => {
			const headers = Buffer.concat(chunks).toString().split("\r\n\r\n")[0] ?? "";
			resolve({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(headers)?.[1] ?? 0), headers, isClosed });
			socket.destroy();
		};
		socket.on("close", () => {
			isClosed = true;
			finish();
		});
		socket.on("data", (chunk: Buffer) => {
			chunks.push(chunk);
			const text = Buffer.concat(chunks).toString();
			if (text.includes("\r\n\r\n") && !/^connection: close/im.test(text)) finish();
		});
	});
}
