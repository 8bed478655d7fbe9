import { request } from "node:http";
import type { Duplex } from "node:stream";
import { toAway } from "./away.ts";
import { EngineRefusal } from "./engine-refusal.ts";

const FEED_MS_MAX = 10_000;
/** The engine passes on what it was given last; after that nobody holds the connection. */
const LINGER_MS = 5_000;

/**
 * Writes text to the standard input of a container that runs, and ends it. By a call of our own: what dockerode sends beside
 * it, the end of a chunked body, arrives in the container too.
 *
 * @throws AppError INTERNAL, details.cause "runtime-away"; EngineRefusal
 */
export async function feedStdin(socketPath: string, container: string, text: string): Promise<void> {
	const stream = await attach(socketPath, container);
	const timer = setTimeout(() => stream.destroy(), FEED_MS_MAX);
	try {
		await new Promise<void>((resolve, reject) => {
			stream.on("error", reject);
			stream.on("close", () => reject(new Error("closed before all was written")));
			stream.end(text, () => resolve());
		});
	} catch (error) {
		stream.destroy();
		throw toAway(error);
	} finally {
		clearTimeout(timer);
	}
	stream.resume();
	setTimeout(() => stream.destroy(), LINGER_MS).unref();
}

async function attach(socketPath: string, container: string): Promise<Duplex> {
	return await new Promise((resolve, reject) => {
		const call = request({
			socketPath,
			method: "POST",
			path: `/containers/${container}/attach?stream=1&stdin=1&stdout=0&stderr=0`,
			agent: false,
			headers: { connection: "Upgrade", upgrade: "tcp", "content-length": "0" },
			signal: AbortSignal.timeout(FEED_MS_MAX),
		});
		call.on("upgrade", (_, stream) => resolve(stream));
		call.on("response", (response) => {
			call.destroy();
			reject(new EngineRefusal(response.statusCode ?? 0, "no stream to a container"));
		});
		call.on("error", (error) => reject(toAway(error)));
		call.end();
	});
}
