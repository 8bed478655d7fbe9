import type { RawConnection } from "../pipeline/raw-connection.ts";
import { openRawConnection } from "../pipeline/raw-connection.ts";
import type { UpdateTarget } from "../pipeline/update-request.ts";

/** Connections to one webhook, as many as it takes for no post to wait for another's answer. */
export type PostLine = {
	/** Sends the body of that number now. */
	post(number: number): void;
	close(): void;
};

/** Open from the beginning; more are opened when all of them wait for an answer. */
const CONNECTIONS = 50;

/** onAnswer: told once of each post. Status 0: the connection broke. */
export async function openPostLine(
	{ port, path, secret }: UpdateTarget,
	bodies: readonly string[],
	onAnswer: (number: number, status: number) => void,
): Promise<PostLine> {
	const head = [
		`POST ${path} HTTP/1.1`,
		`Host: 127.0.0.1:${port}`,
		"Content-Type: application/json",
		"Connection: keep-alive",
		`X-Telegram-Bot-Api-Secret-Token: ${secret}`,
		"Content-Length: ",
	].join("\r\n");
	// Made before the clock runs.
	const requests = bodies.map((body) => Buffer.from(`${head}${Buffer.byteLength(body)}\r\n\r\n${body}`));
	const open: RawConnection[] = [];
	/** The one that rested longest first, so that none is idle until the server closes it. */
	const free: ((number: number) => void)[] = [];
	const waiting: number[] = [];

	async function openOne(): Promise<void> {
		let current: number | undefined;
		const connection = await openRawConnection(port, (status) => {
			const posted = current;
			current = undefined;
			if (status === 0) forget();
			else goOn();
			if (posted !== undefined) onAnswer(posted, status);
		});
		open.push(connection);
		goOn();
		function goOn(): void {
			const next = waiting.shift();
			if (next === undefined) free.push(send);
			else send(next);
		}
		function forget(): void {
			const at = free.indexOf(send);
			if (at >= 0) free.splice(at, 1);
		}
		function send(number: number): void {
			const bytes = requests[number];
			if (bytes === undefined) throw new Error(`there is no post ${number}`);
			current = number;
			connection.send(bytes);
		}
	}

	for (let at = 0; at < CONNECTIONS; at += 1) await openOne();
	return {
		post(number) {
			const send = free.shift();
			if (send !== undefined) {
				send(number);
				return;
			}
			waiting.push(number);
			openOne().catch(() => {
				// Who waited goes over another one, or counts as refused.
				const lost = waiting.shift();
				if (lost !== undefined) onAnswer(lost, 0);
			});
		},
		close() {
			for (const connection of open) connection.close();
		},
	};
}
