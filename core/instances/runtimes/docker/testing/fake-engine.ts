import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** An engine of the test's own words. */
export type FakeEngine = {
	readonly socketPath: string;
	/** What it was asked, in order: "GET /containers/x/json". */
	readonly asked: readonly string[];
	close(): Promise<void>;
};

export async function startFakeEngine(answer: RequestListener): Promise<FakeEngine> {
	const directory = await mkdtemp(join(tmpdir(), "rockpool-engine-"));
	const socketPath = join(directory, "api");
	const asked: string[] = [];
	const server = createServer((request, response) => {
		asked.push(`${request.method} ${request.url}`);
		request.resume();
		answer(request, response);
	}).listen(socketPath);
	await once(server, "listening");
	return {
		socketPath,
		asked,
		async close() {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
			await rm(directory, { recursive: true, force: true });
		},
	};
}
