import type { Knex } from "knex";

/** Oldest server the SQL is written for. */
const VERSION_MIN = 15;

export type ServerSettings = {
	readonly versionNumber: number;
	readonly inRecovery: boolean;
	readonly fsync: string;
	readonly fullPageWrites: string;
	readonly synchronousCommit: string;
};

/**
 * "Acknowledged" means "on disk" only on a server that really waits for the disk, so nothing starts on one that does not.
 *
 * @throws Error that names every setting that is wrong and how to put it right.
 */
export async function assertDurable(db: Knex): Promise<void> {
	const { rows } = await db.raw<{ rows: ServerSettings[] }>(`
		select current_setting('server_version_num')::int as "versionNumber",
			pg_is_in_recovery() as "inRecovery",
			current_setting('fsync') as "fsync",
			current_setting('full_page_writes') as "fullPageWrites",
			current_setting('synchronous_commit') as "synchronousCommit"
	`);
	const [settings] = rows;
	if (settings === undefined) throw new Error("PostgreSQL did not tell its settings");
	const problems = findDurabilityProblems(settings);
	if (problems.length > 0) throw new Error(`this PostgreSQL may lose committed data: ${problems.join("; ")}`);
}

/** Pure. Empty when the server keeps what it acknowledged. */
export function findDurabilityProblems(settings: ServerSettings): readonly string[] {
	const problems: string[] = [];
	if (settings.versionNumber < VERSION_MIN * 10_000) {
		problems.push(
			`version is ${Math.trunc(settings.versionNumber / 10_000)}, at least ${VERSION_MIN} is needed`,
		);
	}
	if (settings.inRecovery) problems.push("it is a standby that cannot be written to; connect to the primary");
	if (settings.fsync !== "on") problems.push(`fsync is ${settings.fsync}, set fsync = on`);
	if (settings.fullPageWrites !== "on") {
		problems.push(`full_page_writes is ${settings.fullPageWrites}, set full_page_writes = on`);
	}
	// remote_apply waits for the local disk too, and then for the standby
	if (settings.synchronousCommit !== "on" && settings.synchronousCommit !== "remote_apply") {
		problems.push(`synchronous_commit is ${settings.synchronousCommit}, set synchronous_commit = on`);
	}
	return problems;
}
