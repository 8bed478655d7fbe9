import type { Socket } from "node:net";
import { connect } from "node:net";

export type RawSocket = {
	readonly socket: Socket;
	write(bytes: string | Buffer): void;
	/** Everything received so far, as text. */
	received(): string;
	/** Resolves with all that came once the peer has closed; rejects after `timeoutMs`. */
	closed(timeoutMs?: number): Promise<string>;
	/** Resolves once `part` was received; rejects after `timeoutMs`, or when the socket closed without it. */
	until(part: string, timeoutMs?: number): Promise<string>;
	destroy(): void;
};

/** A client that may misbehave in any way. */
export async function openRawSocket(port: number): Promise<RawSocket> {
	const socket = connect(port, "127.0.0.1");
	let text = "";
	let isClosed = false;
	const checks = new Set<() => void>();
	const check = (): void => {
		for (const it of checks) it();
	};
	socket.on("data", (chunk) => {
		text += chunk.toString("utf8");
		check();
	});
	socket.on("error", () => {});
	socket.on("close", () => {
		isClosed = true;
		check();
	});
	await new Promise<void>((resolve, reject) => {
		socket.once("connect", resolve);
		socket.once("error", reject);
	});

	async function wait(isThere: () => boolean, what: string, timeoutMs: number): Promise<string> {
		return await new Promise((resolve, reject) => {
			const timer = setTimeout(() => {
				checks.delete(look);
				reject(new Error(`no ${what} within ${timeoutMs} ms, got: ${text}`));
			}, timeoutMs);
			function look(): void {
				if (!isThere() && !isClosed) return;
				clearTimeout(timer);
				checks.delete(look);
				if (isThere()) resolve(text);
				else reject(new Error(`closed before ${what}, got: ${text}`));
			}
			checks.add(look);
			look();
		});
	}

	return {
		socket,
		write: (bytes) => {
			if (!socket.destroyed) socket.write(bytes);
		},
		received: () => text,
		closed: async (timeoutMs = 5_000) => await wait(() => isClosed, "close", timeoutMs),
		until: async (part, timeoutMs = 5_000) => await wait(() => text.includes(part), `"${part}"`, timeoutMs),
		destroy: () => socket.destroy(),
	};
}
