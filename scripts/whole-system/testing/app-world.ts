import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Knex } from "knex";
import { Agent } from "undici";
import { createTestDb } from "../../../core/testing/create-test-db.ts";
import { eventually } from "../../../core/testing/eventually.ts";
import type { FakeProviderServer } from "../../../core/testing/fake-provider-server.ts";
import { createFakeProviderServer } from "../../../core/testing/fake-provider-server.ts";
import { findTestRedisUrl } from "../../../core/testing/test-redis.ts";
import type { Node } from "../../compose/boot-node.ts";
import { bootNode } from "../../compose/boot-node.ts";
import type { HttpLimits } from "../../compose.ts";
import type { PersonOptions } from "./add-person.ts";
import { addPerson } from "./add-person.ts";
import type { ChatAnswer, ChatQuestion, ChatStream } from "./ask-over-http.ts";
import { askOverHttp, openChatStream } from "./ask-over-http.ts";
import { findDayZone } from "./find-day-zone.ts";
import type { ProviderOptions } from "./insert-provider.ts";
import { insertProvider } from "./insert-provider.ts";

export type Env = Readonly<Record<string, string>>;

/** A person of the world, with a key for programs. */
export type Person = { readonly accountId: string; readonly key: string };

/** One database, the vendors its provider table names, and the nodes of the whole program over it. */
export type AppWorld = {
	readonly db: Knex;
	readonly url: string;
	/** Of its nodes. */
	readonly dataDir: string;
	/** A vendor on 127.0.0.1 and its row. Nodes read the table when they boot and every 5 s: add before the first boots. */
	addProvider(options: ProviderOptions): Promise<FakeProviderServer>;
	/** Boots a node as start.ts does, with a free port; stops with the world if it did not before. */
	startNode(env?: Env, httpLimits?: HttpLimits): Promise<Node>;
	/** Until nothing is queued, under way or on its way. */
	settle(): Promise<void>;
	addPerson(options?: PersonOptions): Promise<Person>;
	/** POST /v1/chat of a node. */
	ask(node: Node, key: string, question: ChatQuestion | string): Promise<ChatAnswer>;
	/** The same as a stream, by a reader who can leave. */
	openStream(node: Node, key: string, question: ChatQuestion): Promise<ChatStream>;
	/** All of them: what they held is settled then. */
	stopNodes(): Promise<void>;
	close(): Promise<void>;
};

/** Quick failures; room for a short answer. */
const ENV: Env = {
	PORT: "0",
	INSTANCES: "off",
	LOG_LEVEL: "info",
	OUTPUT_TOKENS_MAX: "100",
	PROVIDER_CONNECT_TIMEOUT_MS: "1000",
	PROVIDER_FIRST_BYTE_TIMEOUT_MS: "400",
	PROVIDER_IDLE_TIMEOUT_MS: "400",
	PROVIDER_TOTAL_TIMEOUT_MS: "10000",
	ZONE_DEFAULT: findDayZone(),
};

/** Honours REDIS_URL, with keys of the world's own. */
export async function createAppWorld(env: Env = {}): Promise<AppWorld> {
	const { db, url, destroy } = await createTestDb();
	const dataDir = await mkdtemp(join(tmpdir(), "rockpool-app-"));
	const redisUrl = findTestRedisUrl();
	const agent = new Agent();
	const vendors: FakeProviderServer[] = [];
	const nodes: Node[] = [];
	const stopNodes = async (): Promise<void> =>
		void (await Promise.all(nodes.map(async (node) => await node.stop())));

	return {
		stopNodes,
		db,
		url,
		dataDir,
		async settle() {
			await eventually(async () => {
				return (
					(await db("lanes").where("has_work", true).orWhereNotNull("owner").first("lane")) === undefined
				);
			});
		},
		async addProvider(options) {
			const vendor = await createFakeProviderServer();
			vendors.push(vendor);
			await insertProvider(db, vendor.baseUrl(options.dialect ?? "openai"), options);
			return vendor;
		},
		async startNode(more = {}, httpLimits = {}) {
			const node = await bootNode(
				{
					...ENV,
					DATABASE_URL: url,
					DATA_DIR: dataDir,
					LOG_FILE: join(dataDir, `node-${nodes.length}.log`),
					...(redisUrl !== undefined && { REDIS_URL: redisUrl }),
					...env,
					...more,
				},
				() => undefined,
				httpLimits,
			);
			nodes.push(node);
			return node;
		},
		addPerson: async (options = {}) => await addPerson(db, options),
		ask: async (node, key, question) => await askOverHttp(agent, node.app.address.port, key, question),
		openStream: async (node, key, question) =>
			await openChatStream(agent, node.app.address.port, key, question),
		async close() {
			await stopNodes();
			await agent.destroy();
			await Promise.all(vendors.map(async (vendor) => await vendor.close()));
			await destroy();
			await rm(dataDir, { recursive: true, force: true });
		},
	};
}
