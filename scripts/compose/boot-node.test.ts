import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { createTestDb } from "../../core/testing/create-test-db.ts";
import { eventually } from "../../core/testing/eventually.ts";
import { bootNode } from "./boot-node.ts";
import { toReason } from "./explain.ts";

test("a node whose port is taken says so and leaves nothing running behind", async () => {
	const { db, url, destroy } = await createTestDb({ poolMax: 1 });
	const dataDir = await mkdtemp(join(tmpdir(), "rockpool-boot-"));
	const other = createServer().listen(0, "127.0.0.1");
	await once(other, "listening");
	const { port } = other.address() as AddressInfo;
	const env = {
		DATABASE_URL: url,
		DATA_DIR: dataDir,
		PORT: String(port),
		LOG_LEVEL: "silent",
		INSTANCES: "off",
	};
	const failure = await bootNode(env, () => undefined).catch(toReason);
	expect(failure).toContain(`cannot listen at HOST 127.0.0.1, PORT ${port}`);
	expect(failure).toContain("EADDRINUSE");
	await eventually(async () => {
		const { rows } = await db.raw<{ rows: { others: string }[] }>(
			`select count(*) as others from pg_stat_activity
			where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`,
		);
		return rows[0]?.others === "0";
	});
	other.close();
	await destroy();
	await rm(dataDir, { recursive: true });
});
