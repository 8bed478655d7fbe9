import type { RawSocket } from "../../../bots/http/testing/raw-socket.ts";
import { openRawSocket } from "../../../bots/http/testing/raw-socket.ts";
import type { Desk } from "./desk.ts";
import { exchangeRaw } from "./raw-exchange.ts";
import { toHookHead } from "./webhook-rows.ts";

/** Something a socket can do to a listener, and how it must end. @throws Error when it does not */
export type Abuse = {
	readonly name: string;
	readonly run: (desk: Desk) => Promise<void>;
	/** It takes seconds, most of which wait for a time limit of the listener. */
	readonly isSlow?: true;
};

const SLOW_CLIENTS = 150;
const SILENT_CLIENTS = 300;
/** That they are closed at all: how soon is row 7's. Other abuse keeps the listener busy meanwhile. */
const SILENT_MS_MAX = 25_000;
const LEAVING_CLIENTS = 300;
const PIPELINED = 1_000;

const GET = "GET /healthz HTTP/1.1\r\nhost: x\r\n";
const POST = "POST /v1/chat HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";

/** One request each, which must be refused with one of these; 0: the socket just ends. */
const REFUSED: readonly (readonly [string, readonly number[], readonly (string | Buffer)[]])[] = [
	["a header of 20 KB", [431], [`${GET}x-big: ${"a".repeat(20_000)}\r\n\r\n`]],
	["1,500 headers", [431], [`${GET}${"a: 1\r\n".repeat(1_500)}\r\n`]],
	["a path of 20 KB", [414, 431], [`GET /${"a".repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`]],
	["garbage", [400], ["\u0000\u0001\u0002garbage\r\n\r\n"]],
	["a TLS hello", [400, 0], [Buffer.from("16030100c8010000c40303", "hex"), Buffer.alloc(200)]],
	["the preface of HTTP/2", [400, 505], ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"]],
	["HTTP/0.9", [400], ["GET /healthz\r\n\r\n"]],
	["HTTP/3.7", [400, 505], ["GET /healthz HTTP/3.7\r\nhost: x\r\n\r\n"]],
	["no host", [400], ["GET /healthz HTTP/1.1\r\n\r\n"]],
	["two hosts", [400], [`${GET}host: y\r\n\r\n`]],
	["a space before the colon", [400], [`${GET}content-length : 5\r\n\r\n`]],
	["a folded header", [400], [`${GET}x: a\r\n b\r\n\r\n`]],
	["lines that end in LF alone", [400], ["GET /healthz HTTP/1.1\nhost: x\n\n"]],
	["a length and chunks", [400], [`${POST}content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`]],
	["two lengths", [400], [`${POST}content-length: 1\r\ncontent-length: 2\r\n\r\nxx`]],
	["a length below nothing", [400], [`${POST}content-length: -1\r\n\r\n`]],
	["a length in hex", [400], [`${POST}content-length: 0x10\r\n\r\n`]],
	["a length of 10^30", [400], [`${POST}content-length: 1${"0".repeat(30)}\r\n\r\n`]],
	["chunks that are not the last coding", [400], [`${POST}transfer-encoding: chunked, gzip\r\n\r\n`]],
	["an unknown coding", [400, 501], [`${POST}transfer-encoding: xchunked\r\n\r\n`]],
	["a method nobody knows", [400], ["FETCH /healthz HTTP/1.1\r\nhost: x\r\n\r\n"]],
	["a method of 10 KB", [400], [`${"A".repeat(10_000)} / HTTP/1.1\r\nhost: x\r\n\r\n`]],
	["CONNECT", [400, 404, 405, 0], ["CONNECT evil.example:443 HTTP/1.1\r\nhost: evil.example\r\n\r\n"]],
	["TRACE", [404, 405, 501], ["TRACE /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"]],
	["NUL in a path", [400], ["GET /health\0z HTTP/1.1\r\nhost: x\r\n\r\n"]],
	["CR in a header", [400], [`${GET}x: a\rset-cookie: b\r\n\r\n`]],
];

export const SOCKET_ABUSE: readonly Abuse[] = [
	...REFUSED.map(
		([name, expected, pieces]): Abuse => ({
			name,
			async run(desk) {
				const { status, isClosed } = await exchangeRaw(desk, pieces);
				if (!expected.includes(status)) throw new Error(`${status} in place of ${expected.join(" or ")}`);
				if (!isClosed) throw new Error("the connection stays open");
			},
		}),
	),
	{ name: "a chunk of 2^64 bytes", run: async (desk) => await refuseBody(desk, ["FFFFFFFFFFFFFFFFF\r\n"]) },
	{
		name: "a chunk that is no number",
		run: async (desk) => await refuseBody(desk, ["5\r\nhello\r\nZZ\r\n"]),
	},
	{
		name: "extensions of chunks without end",
		isSlow: true,
		run: async (desk) =>
			await refuseBody(
				desk,
				Array.from({ length: 200 }, () => `1;${"x".repeat(1_000)}\r\n{\r\n`),
			),
	},
	{
		name: "trailers without end",
		run: async (desk) =>
			await refuseBody(desk, [
				"1\r\n{\r\n0\r\n",
				...Array.from({ length: 50 }, (_, at) => `t${at}: ${"x".repeat(1_000)}\r\n`),
			]),
	},
	{
		name: "a million chunks of one byte",
		isSlow: true,
		run: async (desk) =>
			await refuseBody(
				desk,
				Array.from({ length: 1_100 }, () => "1\r\n \r\n".repeat(1_000)),
			),
	},
	{ name: "half a request, then the end", run: halfClose },
	{ name: `${PIPELINED} requests at once, answers unread for a while`, run: pipeline },
	{ name: `${LEAVING_CLIENTS} clients that leave in the middle`, run: leave },
	{ name: `${SLOW_CLIENTS} slow heads and bodies at a time`, isSlow: true, run: drip },
	{ name: `${SILENT_CLIENTS} connections that say nothing`, isSlow: true, run: staySilent },
];

/** All of them, the slow ones beside the others; answers what did not end as it must. */
export async function runAbuse(desk: Desk, isShort: boolean): Promise<readonly string[]> {
	const failures: string[] = [];
	const run = async ({ name, run: attack }: Abuse): Promise<void> => {
		await attack(desk).catch((error: Error) => failures.push(`${name}: ${error.message.slice(0, 300)}`));
	};
	const slow = isShort ? [] : SOCKET_ABUSE.filter(({ isSlow }) => isSlow === true).map(run);
	for (const abuse of SOCKET_ABUSE) if (abuse.isSlow !== true) await run(abuse);
	await Promise.all(slow);
	return failures;
}

async function refuseBody(desk: Desk, chunks: readonly string[]): Promise<void> {
	const { status, isClosed } = await exchangeRaw(desk, [
		toHookHead(desk, "transfer-encoding: chunked"),
		...chunks,
	]);
	if (![400, 408, 413, 431, 0].includes(status) || !isClosed)
		throw new Error(`${status}, closed: ${isClosed}`);
}

/** Whoever has said all he wants to say may close his side and still read. */
async function halfClose(desk: Desk): Promise<void> {
	const whole = await openRawSocket(desk.world.port());
	whole.write(`${GET}connection: close\r\n\r\n`);
	whole.socket.end();
	await whole.until('"ok"');
	const half = await openRawSocket(desk.world.port());
	half.write(toHookHead(desk, "content-length: 100"));
	half.socket.end("{");
	await half.closed();
}

async function pipeline(desk: Desk): Promise<void> {
	const raw = await openRawSocket(desk.world.port());
	raw.socket.pause();
	raw.write(`${GET}\r\n`.repeat(PIPELINED - 1));
	raw.write(`${GET}connection: close\r\n\r\n`);
	await alive(desk);
	raw.socket.resume();
	const answers = (await raw.closed(20_000)).split('{"status":"ok"}').length - 1;
	if (answers !== PIPELINED) throw new Error(`${answers} of ${PIPELINED} were answered`);
}

async function leave(desk: Desk): Promise<void> {
	const { key } = await desk.program();
	const chat = `${POST}authorization: Bearer ${key}\r\ncontent-length: 50\r\n\r\n{"mess`;
	for (let at = 0; at < LEAVING_CLIENTS; at += 1) {
		const raw = await openRawSocket(desk.world.port());
		raw.write(at % 2 === 0 ? chat : `${toHookHead(desk, "content-length: 50")}{"upd`);
		if (at % 3 === 0) raw.socket.resetAndDestroy();
		else raw.destroy();
	}
	await alive(desk);
}

async function drip(desk: Desk): Promise<void> {
	const { key } = await desk.program();
	const heads = [
		`${GET}x-slow: `,
		toHookHead(desk, "content-length: 999"),
		`${POST}authorization: Bearer ${key}\r\ncontent-length: 999\r\n\r\n`,
	];
	const clients = await Promise.all(
		Array.from({ length: SLOW_CLIENTS }, async () => await openRawSocket(desk.world.port())),
	);
	for (const [at, raw] of clients.entries()) raw.write(heads[at % heads.length] ?? "");
	const timer = setInterval(() => {
		for (const raw of clients) raw.write("a");
	}, 1_000);
	try {
		await alive(desk);
		const texts = await Promise.all(clients.map(async (raw) => await raw.closed(12_000)));
		const wrong = texts.filter((text) => !text.startsWith("HTTP/1.1 408 "));
		if (wrong.length > 0) throw new Error(`${wrong.length} ended with ${wrong[0]?.slice(0, 60)}`);
	} finally {
		clearInterval(timer);
		end(clients);
	}
}

async function staySilent(desk: Desk): Promise<void> {
	const clients = await Promise.all(
		Array.from({ length: SILENT_CLIENTS }, async () => await openRawSocket(desk.world.port())),
	);
	try {
		await alive(desk);
		await Promise.all(clients.map(async (raw) => await raw.closed(SILENT_MS_MAX)));
	} finally {
		end(clients);
	}
}

function end(clients: readonly RawSocket[]): void {
	for (const raw of clients) raw.destroy();
}

/** Everybody else is served meanwhile. */
async function alive(desk: Desk): Promise<void> {
	const { status } = await desk.get("/healthz");
	if (status !== 200) throw new Error(`the listener answers ${status} to others`);
}
