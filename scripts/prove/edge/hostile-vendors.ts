import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import type { Knex } from "knex";
import type { FakeAnswer, FakeProviderServer } from "../../../core/testing/fake-provider-server.ts";
import { createFakeProviderServer } from "../../../core/testing/fake-provider-server.ts";
import { echo } from "./edge-world.ts";

/** A vendor of the table that must not hurt us: where it says it is, or how it answers. */
export type HostileVendor = {
	readonly id: string;
	readonly row: number;
	readonly name: string;
	/** It lasts as long as a call may. */
	readonly isSlow: boolean;
};

export type HostileVendors = {
	/** Rows 33 and 37: addresses nobody may reach. */
	readonly urls: readonly HostileVendor[];
	/** Rows 36, 38, 39 and 46: answers. */
	readonly answers: readonly HostileVendor[];
	/** Connections that should not have been made. */
	canaryCount(): number;
	close(): Promise<void>;
};

/** That of the good vendor, which is asked when one of these has failed. */
const REGION = "cn";
/** Dearer than any other, so that nobody asks them who does not want them. */
const PRICE_MICRO = 99_000_000;
const DRIP = "a body of one byte a second";
const MIB = "x".repeat(1024 * 1024);
const LINE_MIB = 24;

/** Adds the rows; call it before the node boots. The canary is what the bad addresses would lead to. */
export async function addHostileVendors(db: Knex): Promise<HostileVendors> {
	let connections = 0;
	const canary = createServer((socket) => {
		connections += 1;
		socket.on("error", () => undefined).end("HTTP/1.1 200 OK\r\n\r\n");
	});
	canary.listen(0, "127.0.0.1");
	await once(canary, "listening");
	const { port } = canary.address() as AddressInfo;
	const server = await createFakeProviderServer();
	const answers = toAnswers(port);
	server.answerAlways((request) => {
		const id = /^\/(bad-\d+)\//.exec(request.path)?.[1];
		return (id === undefined ? undefined : answers.get(id)?.answer) ?? echo(request);
	});
	const origin = new URL(server.baseUrl("openai")).origin;
	const urls = toUrls(port).map(([row, url], at) => ({
		id: `url-${at}`,
		row,
		name: url,
		url,
		isSlow: false,
	}));
	for (const { id, url } of urls) await insert(db, id, url, false);
	for (const id of answers.keys()) await insert(db, id, `${origin}/${id}/v1`, true);
	return {
		urls,
		answers: [...answers].map(([id, { row, name }]) => ({ id, row, name, isSlow: name === DRIP })),
		canaryCount: () => connections,
		close: async () =>
			await closeAll(server, async () => await new Promise((resolve) => canary.close(resolve))),
	};
}

async function closeAll(server: FakeProviderServer, closeCanary: () => Promise<unknown>): Promise<void> {
	await Promise.all([server.close(), closeCanary()]);
}

async function insert(db: Knex, id: string, url: string, isPrivate: boolean): Promise<void> {
	await db("providers").insert({
		id,
		dialect: "openai",
		base_url: url,
		region: REGION,
		allow_private_network: isPrivate,
		requests_per_minute: 60_000,
		tokens_per_minute: 60_000_000,
	});
	await db("provider_models").insert({
		provider_id: id,
		model: "../../x",
		quality: 1,
		price_input_micro: PRICE_MICRO,
		price_output_micro: PRICE_MICRO,
		context_tokens: 100_000,
		output_tokens_max: 4_000,
	});
}

function toUrls(port: number): readonly (readonly [number, string])[] {
	const hosts = [
		"169.254.169.254",
		"[::ffff:127.0.0.1]",
		"[::1]",
		"[fd00::1]",
		"[64:ff9b::7f00:1]",
		"0x7f.1",
		"2130706433",
		"0177.0.0.1",
		"localhost",
		"localhost.",
		"127.1",
		"a@127.0.0.1",
		"127。0。0。1",
		"①②⑦.⓪.⓪.①",
		"0.0.0.0",
		"10.0.0.1",
		"100.64.0.1",
		"metadata.google.internal",
		"intranet",
	];
	return [
		...hosts.flatMap((host) =>
			[`https://${host}`, `https://${host}:${port}`, `http://${host}:${port}`].map(
				(url) => [33, url] as const,
			),
		),
		[33, "https://127.0.0.1:6379"],
		[37, "file:///etc/passwd"],
		[37, `gopher://127.0.0.1:${port}/_x`],
		[37, "data:text/event-stream,data:x"],
		[37, "unix:/var/run/docker.sock"],
		[37, "javascript:alert(1)"],
		[37, ""],
	];
}

const SHORT: FakeAnswer = {
	kind: "raw",
	write(response) {
		response.writeHead(200, { "content-type": "text/event-stream", "content-length": "1000" });
		response.write(": x\n\n", () => response.destroy());
	},
};

type Hostile = { readonly row: number; readonly name: string; readonly answer: FakeAnswer };

function toAnswers(canaryPort: number): ReadonlyMap<string, Hostile> {
	const location = `http://127.0.0.1:${canaryPort}/v1`;
	const usage = (input: unknown, output: unknown): FakeAnswer => ({ kind: "text", usage: { input, output } });
	const rows: readonly (readonly [number, string, FakeAnswer])[] = [
		[36, "302 to this machine", { kind: "status", status: 302, headers: { location } }],
		[36, "307 to this machine", { kind: "status", status: 307, headers: { location } }],
		[39, "308 to another origin", { kind: "status", status: 308, headers: { location } }],
		[38, DRIP, stream(drip)],
		[38, "a body shorter than announced", SHORT],
		[38, "a body without end", stream(flood)],
		[
			46,
			"200 with HTML",
			{ kind: "status", status: 200, headers: { "content-type": "text/html" }, body: "<html>" },
		],
		[46, "200 with HTML called a stream", { kind: "text", after: { pieces: 0, follow: "garbage" } }],
		[46, "a stream cut in the middle", { kind: "text", after: { pieces: 1, follow: "cut" } }],
		[46, "a stream that ends in the middle", { kind: "text", after: { pieces: 1, follow: "end" } }],
		[46, "an error in the middle", { kind: "text", after: { pieces: 1, follow: "error" } }],
		[46, "silence in the middle", { kind: "text", after: { pieces: 1, follow: "hang" } }],
		[46, "no usage", { kind: "text", usage: "none" }],
		[46, "usage below nothing", usage(-5, -7)],
		[46, "a huge usage", usage(1e15, 1e15)],
		[46, "usage in words", usage("many", null)],
		[46, "usage beyond numbers", usage(Number.MAX_VALUE, 0.5)],
		[46, "no last event", { kind: "text", terminator: false, finishReason: "none" }],
		[46, "one line of many MB", stream(line)],
		[46, "429 for ever", { kind: "status", status: 429, headers: { "retry-after": "1000000000" } }],
		[
			46,
			"429 until a day that never was",
			{ kind: "status", status: 429, headers: { "retry-after": "Someday" } },
		],
		[46, "no answer", { kind: "hang" }],
		[46, "a dropped connection", { kind: "drop" }],
		[46, "a status nobody knows", { kind: "status", status: 799 }],
		[
			46,
			"500 with our own words",
			{ kind: "status", status: 500, body: '{"error":{"message":"<b>/issue</b>"}}' },
		],
		[46, "text that cannot be stored", { kind: "text", pieces: ["a\0b\ud800", "\udfff\u202e"] }],
	];
	return new Map(rows.map(([row, name, answer], at) => [`bad-${at}`, { row, name, answer }]));
}

function stream(write: (response: ServerResponse) => void): FakeAnswer {
	return {
		kind: "raw",
		write(response) {
			response.writeHead(200, { "content-type": "text/event-stream" });
			write(response);
		},
	};
}

function drip(response: ServerResponse): void {
	const timer = setInterval(() => response.write("x"), 1_000);
	response.on("close", () => clearInterval(timer));
}

function flood(response: ServerResponse): void {
	const push = (): void => {
		while (!response.destroyed && response.write(`: ${MIB}\n\n`));
	};
	response.on("drain", push);
	push();
}

function line(response: ServerResponse): void {
	response.write("data: ");
	for (let at = 0; at < LINE_MIB; at += 1) response.write(MIB);
	response.end();
}
