import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { createServer } from "node:net";
import { expect, test } from "@jest/globals";
import { toUpstreamBytes } from "./answers.ts";
import { openClient } from "./client-connection.ts";

const { whole, streamHead, event, tail } = toUpstreamBytes();

/** What a client makes of an answer that comes in these pieces; undefined closes the connection. */
async function hear(pieces: readonly (string | undefined)[], isStream: boolean) {
	const server = createServer(async (socket: Socket) => {
		await once(socket, "data");
		socket.setNoDelay(true);
		for (const piece of pieces) {
			if (piece === undefined) socket.end();
			else await new Promise((resolve) => socket.write(piece, () => setImmediate(resolve)));
		}
	});
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	let firsts = 0;
	const { promise, resolve } = Promise.withResolvers<number>();
	const client = await openClient((server.address() as AddressInfo).port, {
		onFirst: () => {
			firsts += 1;
		},
		onEnd: resolve,
	});
	client.send(Buffer.from("ask"), isStream);
	const status = await promise;
	client.close();
	server.close();
	return { status, firsts };
}

const stream = `${streamHead}${event.repeat(3)}${tail}`;
const cutAt = (text: string, at: number): readonly string[] => [text.slice(0, at), text.slice(at)];

test.each([
	["a whole answer", [whole], false],
	["a whole answer cut in its head", cutAt(whole, 20), false],
	["a whole answer cut in its body", cutAt(whole, whole.length - 30), false],
	["a stream", [stream], true],
	["a stream cut in its head", cutAt(stream, 30), true],
	["a stream cut in its last chunk", cutAt(stream, stream.length - 2), true],
])("%s is answered, and its first words are seen once", async (_, pieces, isStream) => {
	expect(await hear(pieces, isStream)).toEqual({ status: 200, firsts: 1 });
});

test.each([
	["a stream without its end", [`${streamHead}${event}0\r\n\r\n`], true],
	["a stream that breaks off", [`${streamHead}${event}`, undefined], true],
	["an answer without words", ["HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"], false],
	["no answer", [undefined], false],
])("%s is a failure", async (_, pieces, isStream) => {
	expect((await hear(pieces, isStream)).status).toBe(0);
});

test("a refusal tells its status", async () => {
	const refusal = "HTTP/1.1 429 No\r\ncontent-length: 11\r\n\r\nebbing tide";
	expect((await hear([refusal], false)).status).toBe(429);
});
