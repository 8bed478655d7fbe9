import type { FakeUpdate } from "../../../bots/telegram/testing/fake-updates.ts";
import type { RawConnection } from "./raw-connection.ts";
import { openRawConnection } from "./raw-connection.ts";
import type { UpdateTarget } from "./update-request.ts";

/** Posts updates to a webhook, each once: whatever is not acknowledged is counted, not repeated. */
export type Poster = {
	post(update: FakeUpdate): void;
	/** New connections for those the server may have closed meanwhile, being idle; while nothing is under way. */
	reopen(): Promise<void>;
	refused(): number;
	close(): void;
};

/** As many as Telegram keeps open for one bot at most. */
const CONNECTIONS = 100;

/** Over bare sockets, in the order of the posts as far as connections are free. */
export async function openPoster(
	{ port, path, secret }: UpdateTarget,
	onAcknowledged: (updateId: number) => void,
): Promise<Poster> {
	const head = [
		`POST ${path} HTTP/1.1`,
		`Host: 127.0.0.1:${port}`,
		"Content-Type: application/json",
		"Connection: keep-alive",
		`X-Telegram-Bot-Api-Secret-Token: ${secret}`,
		"Content-Length: ",
	].join("\r\n");
	const free: ((update: FakeUpdate) => void)[] = [];
	const open: RawConnection[] = [];
	const waiting: FakeUpdate[] = [];
	let refused = 0;

	async function openOne(): Promise<void> {
		let current: FakeUpdate | undefined;
		const connection = await openRawConnection(port, (status) => {
			const posted = current;
			current = undefined;
			if (posted !== undefined && status === 200) onAcknowledged(posted.updateId);
			else if (posted !== undefined) refused += 1;
			if (status === 0) leave();
			else goOn();
		});
		open.push(connection);
		free.push(send);
		function goOn(): void {
			const next = waiting.shift();
			if (next === undefined) free.push(send);
			else send(next);
		}
		/** The server closes what is idle for long. */
		function leave(): void {
			const at = free.indexOf(send);
			if (at >= 0) free.splice(at, 1);
		}
		function send(update: FakeUpdate): void {
			current = update;
			const body = JSON.stringify(update.body);
			connection.send(Buffer.from(`${head}${Buffer.byteLength(body)}\r\n\r\n${body}`));
		}
	}
	async function reopen(): Promise<void> {
		free.length = 0;
		for (const connection of open.splice(0)) connection.close();
		for (let at = 0; at < CONNECTIONS; at += 1) await openOne();
	}
	await reopen();
	return {
		post(update) {
			const send = free.pop();
			if (send === undefined) waiting.push(update);
			else send(update);
		},
		reopen,
		refused: () => refused,
		close() {
			for (const connection of open) connection.close();
		},
	};
}
