import { setTimeout as sleep } from "node:timers/promises";
import { pollUntil } from "../../../core/testing/poll-until.ts";
import type { Desk } from "./desk.ts";
import { toUpdate } from "./samples.ts";

export type FaultReport = { readonly asked: number; readonly failures: readonly string[] };

const REFUSED_MS = 2_000;
const HOLE_MS = 5_000;
const PAUSE_MS = 50;
const MEND_MS = 20_000;

/**
 * The database refuses connections, then swallows what it is told, while posts and questions come in: the only failure anybody
 * reads is 503, and what was acknowledged is answered afterwards.
 */
export async function runDatabaseFault(desk: Desk, isShort: boolean): Promise<FaultReport> {
	const { wire } = desk.world;
	const person = await desk.person();
	const { key } = await desk.program();
	const failures: string[] = [];
	const open: Promise<void>[] = [];
	let isOver = false;
	let asked = 0;

	async function ask(): Promise<void> {
		asked += 1;
		const hook = await desk.hook(toUpdate(desk, {}));
		if (![200, 503].includes(hook.status)) failures.push(`the webhook says ${hook.status}`);
		if (hook.status === 503 && hook.headers["retry-after"] === undefined)
			failures.push("503 without Retry-After");
		const chat = await desk.chat(key, { message: `during a fault ${asked}`, conversation: `f${asked}` });
		if (![200, 429, 503].includes(chat.status)) failures.push(`/v1/chat says ${chat.status} ${chat.text}`);
	}
	async function keepAsking(): Promise<void> {
		while (!isOver) {
			open.push(ask());
			await sleep(PAUSE_MS);
		}
	}
	const asking = keepAsking();
	wire.setMode("refuse");
	await sleep(REFUSED_MS);
	const waiting = person.send("sent while it was away");
	wire.setMode("pass");
	if (!isShort) {
		await pollUntil(async () => (await desk.get("/readyz")).status === 200, MEND_MS);
		wire.setMode("black-hole");
		await sleep(HOLE_MS);
		wire.setMode("pass");
	}
	isOver = true;
	await asking;
	await Promise.all(open);
	await person.answered(waiting).catch(() => failures.push("what came in meanwhile is not answered"));
	return { asked, failures };
}
