import { pollUntil } from "../../../core/testing/poll-until.ts";
import type { Desk } from "./desk.ts";

export type HealthReport = {
	/** /readyz, and an answer to somebody who asks. */
	readonly isReady: boolean;
	readonly isAnswering: boolean;
	readonly isAlive: boolean;
	/** What the node wrote beside its log: warnings of Node, unhandled rejections. */
	readonly stray: string;
	/** Events given up after five tries. */
	readonly dead: number;
	/** Events that needed more than one try: something threw that was nobody's failure to read. */
	readonly repeated: number;
	readonly violations: number;
	/** What was logged as an error, by its words. */
	readonly errorsLogged: Readonly<Record<string, number>>;
};

/** What must be said of the node after whatever was done to it. */
export async function readHealth(desk: Desk): Promise<HealthReport> {
	const { world } = desk;
	const isReady = await becomes(async () => (await desk.get("/readyz")).status === 200);
	const isAnswering = await desk
		.person()
		.then(async (person) => (await person.ask("still there?")).includes("re: still there?"))
		.catch(() => false);
	const { rows } = await world.db.raw<{ rows: unknown[] }>("select * from violations");
	return {
		isReady,
		isAnswering,
		isAlive: world.node().isAlive(),
		stray: world.node().errors(),
		dead: await count(desk, "status = 'dead'"),
		repeated: await count(desk, "attempts > 1"),
		violations: rows.length,
		errorsLogged: tallyErrors(await world.readLog()),
	};
}

async function becomes(isTrue: () => Promise<boolean>): Promise<boolean> {
	return await pollUntil(isTrue).then(
		() => true,
		() => false,
	);
}

async function count({ world }: Desk, where: string): Promise<number> {
	const [row] = await world.db("inbox").whereRaw(where).count<{ count: string }[]>();
	return Number(row?.count);
}

function tallyErrors(log: string): Readonly<Record<string, number>> {
	const tally: Record<string, number> = {};
	for (const line of log.split("\n")) {
		const found = /"level":"(?:error|fatal)".*"msg":"([^"]*)"/.exec(line)?.[1];
		if (found !== undefined) tally[found] = (tally[found] ?? 0) + 1;
	}
	return tally;
}
