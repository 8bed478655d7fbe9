import type { Socket } from "node:net";
import { createServer } from "node:net";
import { serve } from "../pipeline/serve.ts";
import { EVENTS, EVENTS_A_WRITE, PERIOD_MS, toUpstreamBytes } from "./answers.ts";

const HEAD_END = Buffer.from("\r\n\r\n");
const bytes = toUpstreamBytes();
const whole = Buffer.from(bytes.whole);
const many = Buffer.from(bytes.event.repeat(EVENTS_A_WRITE));

/** What upstream.c does, where there is no compiler. */
async function start(): Promise<{ port: number }> {
	const server = createServer({ noDelay: true }, (socket) => {
		let kept: Buffer = Buffer.alloc(0);
		socket.on("error", () => socket.destroy());
		socket.on("data", (chunk: Buffer) => {
			kept = kept.length === 0 ? chunk : Buffer.concat([kept, chunk]);
			const end = kept.indexOf(HEAD_END);
			if (end === -1) return;
			const length = /content-length: *(\d+)/i.exec(kept.toString("latin1", 0, end))?.[1];
			const bodyAt = end + HEAD_END.length;
			if (kept.length < bodyAt + Number(length ?? 0)) return;
			const body = kept.subarray(bodyAt);
			kept = Buffer.alloc(0);
			answer(socket, body);
		});
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const address = server.address();
	return { port: typeof address === "object" && address !== null ? address.port : 0 };
}

function answer(socket: Socket, body: Buffer): void {
	if (!body.includes('"stream":true') && !body.includes('"stream": true')) {
		socket.write(whole);
		return;
	}
	socket.write(bytes.streamHead);
	if (body.includes("bench-paced")) pace(socket);
	else {
		for (let sent = 0; sent < EVENTS; sent += EVENTS_A_WRITE) socket.write(many);
		socket.write(bytes.tail);
	}
}

function pace(socket: Socket): void {
	let sent = 0;
	function step(): void {
		sent += 1;
		socket.write(bytes.event);
		if (sent < EVENTS && !socket.destroyed) return;
		clearInterval(timer);
		socket.write(bytes.tail);
	}
	const timer = setInterval(step, PERIOD_MS);
	step();
}

serve({ start });
