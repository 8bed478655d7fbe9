import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { connect, createServer } from "node:net";

/** black-hole: bytes vanish both ways and nobody is told, as behind a broken router. refuse: connections die at once. */
export type ProxyMode = "pass" | "black-hole" | "refuse";

/** A wire on 127.0.0.1 that can be cut. */
export type TcpProxy = {
	readonly port: number;
	/** What a black hole held back goes on when it ends. */
	setMode(mode: ProxyMode): void;
	/** Resets every connection. */
	cut(): void;
	count(): number;
	close(): Promise<void>;
};

type Pair = { readonly near: Socket; far: Socket | undefined };

/** url: of the server it leads to. */
export async function startTcpProxy(url: string): Promise<TcpProxy> {
	const { hostname, port } = new URL(url);
	const pairs = new Set<Pair>();
	let mode: ProxyMode = "pass";

	function end(pair: Pair): void {
		// Behind a black hole nobody hears that the other side has gone.
		if (mode === "black-hole") return;
		pair.near.destroy();
		pair.far?.destroy();
		pairs.delete(pair);
	}
	function open(pair: Pair): void {
		const far = connect({ host: hostname, port: Number(port), noDelay: true });
		pair.far = far;
		far.on("error", () => undefined).on("close", () => end(pair));
		pair.near.pipe(far);
		far.pipe(pair.near);
	}
	function hold({ near, far }: Pair): void {
		near.unpipe();
		near.pause();
		far?.unpipe();
		far?.pause();
	}
	function release(pair: Pair): void {
		const { near, far } = pair;
		if (far === undefined) open(pair);
		else if (near.destroyed || far.destroyed) end(pair);
		else {
			near.pipe(far);
			far.pipe(near);
		}
	}

	const server = createServer({ noDelay: true }, (near) => {
		near.on("error", () => undefined);
		if (mode === "refuse") {
			near.resetAndDestroy();
			return;
		}
		const pair: Pair = { near, far: undefined };
		pairs.add(pair);
		near.on("close", () => end(pair));
		if (mode === "black-hole") near.pause();
		else open(pair);
	});
	server.listen(0, "127.0.0.1");
	await once(server, "listening");

	function cut(): void {
		for (const { near, far } of pairs) {
			near.resetAndDestroy();
			far?.destroy();
		}
		pairs.clear();
	}
	return {
		port: (server.address() as AddressInfo).port,
		setMode(next) {
			const before = mode;
			mode = next;
			if (next === "refuse") cut();
			else if (next === "black-hole") for (const pair of pairs) hold(pair);
			else if (before === "black-hole") for (const pair of [...pairs]) release(pair);
		},
		cut,
		count: () => pairs.size,
		async close() {
			mode = "refuse";
			cut();
			server.close();
			await once(server, "close");
		},
	};
}

/** The same database by way of a proxy. */
export function throughProxy(databaseUrl: string, proxy: Pick<TcpProxy, "port">): string {
	const url = new URL(databaseUrl);
	url.host = `127.0.0.1:${proxy.port}`;
	return url.href;
}
