import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Agent } from "undici";
import type { TestDb } from "../../../core/testing/create-test-db.ts";
import { createFakeProviderServer } from "../../../core/testing/fake-provider-server.ts";
import { pollUntil } from "../../../core/testing/poll-until.ts";
import type { Node } from "../../compose/boot-node.ts";
import { bootNode } from "../../compose/boot-node.ts";
import { addPerson } from "../../whole-system/testing/add-person.ts";
import type { ChatAnswer } from "../../whole-system/testing/ask-over-http.ts";
import { askOverHttp } from "../../whole-system/testing/ask-over-http.ts";
import { insertProvider } from "../../whole-system/testing/insert-provider.ts";
import { createProofDatabase } from "../quota/proof-database.ts";

export type BackupWorld = {
	readonly directory: string;
	/** The key files of the nodes and of the backups. */
	readonly keysPath: string;
	/** What is backed up. */
	readonly source: TestDb;
	/** Boots a node over a database, with the keys of all of them. */
	boot(url: string): Promise<Node>;
	ask(node: Node, key: string, message: string): Promise<ChatAnswer>;
	/** Keys of people who may talk as much as they like. */
	addPeople(count: number): Promise<readonly string[]>;
	/** Until nothing is queued, under way or on its way. */
	settle(): Promise<void>;
	close(): Promise<void>;
};

/** A database with a node's worth of surroundings: a vendor, keys, a directory. */
export async function createBackupWorld(): Promise<BackupWorld> {
	const undo: (() => Promise<unknown>)[] = [];
	const close = async (): Promise<void> => {
		for (const step of undo.splice(0).reverse()) await step();
	};
	try {
		return await build(undo, close);
	} catch (error) {
		await close();
		throw error;
	}
}

async function build(undo: (() => Promise<unknown>)[], close: () => Promise<void>): Promise<BackupWorld> {
	const source = await createProofDatabase({ poolMax: 4 });
	undo.push(source.destroy);
	const directory = await mkdtemp(join(tmpdir(), "rockpool-prove-"));
	undo.push(async () => await rm(directory, { recursive: true, force: true }));
	const vendor = await createFakeProviderServer();
	undo.push(vendor.close);
	await insertProvider(source.db, vendor.baseUrl("openai"), { id: "one" });
	const keysPath = join(directory, "keys");
	await mkdir(keysPath, { mode: 0o700 });
	await writeFile(join(keysPath, "k0001.key"), randomBytes(32).toString("base64"), { mode: 0o400 });
	const agent = new Agent();
	undo.push(async () => await agent.destroy());
	let nodes = 0;
	return {
		directory,
		keysPath,
		source,
		async boot(url) {
			nodes += 1;
			const node = await bootNode(
				{
					PORT: "0",
					INSTANCES: "off",
					DATABASE_URL: url,
					DATA_DIR: directory,
					KEK_FILE: keysPath,
					LOG_FILE: join(directory, `node-${nodes}.log`),
					OUTPUT_TOKENS_MAX: "100",
				},
				() => undefined,
				{ chatLimits: { requestsPerMinute: 1_000_000 } },
			);
			undo.push(async () => await node.stop());
			return node;
		},
		ask: async (node, key, message) => await askOverHttp(agent, node.app.address.port, key, message),
		async addPeople(count) {
			const keys: string[] = [];
			for (let person = 0; person < count; person += 1) {
				keys.push((await addPerson(source.db, { planId: "enterprise", dailyTokens: 1_000_000 })).key);
			}
			return keys;
		},
		async settle() {
			await pollUntil(
				async () =>
					(await source.db("lanes").where("has_work", true).orWhereNotNull("owner").first("lane")) ===
						undefined &&
					(await source.db("ledger_reservations").where("state", "pending").first("id")) === undefined,
			);
		},
		close,
	};
}
