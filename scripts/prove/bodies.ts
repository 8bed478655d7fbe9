import type { FakeProviderServer, FakeRequest } from "../../core/testing/fake-provider-server.ts";
import { createFakeProviderServer } from "../../core/testing/fake-provider-server.ts";
import { pollUntil } from "../../core/testing/poll-until.ts";
import { addPerson } from "../whole-system/testing/add-person.ts";
import { insertProvider } from "../whole-system/testing/insert-provider.ts";
import { createCases, createSender, findFault, findFaultWhenAway } from "./bodies/send-bodies.ts";
import { createDesk } from "./edge/desk.ts";
import type { EdgeWorld } from "./edge/edge-world.ts";
import { startEdgeWorld } from "./edge/edge-world.ts";
import { readHealth } from "./edge/health-report.ts";
import type { ProveOptions, ProveResult } from "./prove-options.ts";
import { createRandom } from "./prove-options.ts";
import type { ModuleEdit } from "./testing/module-mutant.ts";

const BODIES = 5_000;
const BODIES_SHORT = 400;
/** Of them with vendors that are away. */
const AWAY_SHARE = 0.1;
const PEOPLE = 24;
const MODELS = [
	"auto",
	"claude-sonnet-4-5",
	"haiku",
	"open/open-model",
	"anth/anth-model",
	"open-model",
	"gone",
];

const EDITS: Readonly<Record<string, readonly ModuleEdit[]>> = {
	"broken-json-is-our-fault": [
		{
			file: "core/gateway/request/parse-body.ts",
			from: 'throw new AppError("REQUEST_INVALID", "the body is no JSON object", {\n\t\t\tcause,',
			to: 'throw new Error("no JSON"); new AppError("REQUEST_INVALID", "", {\n\t\t\tcause,',
		},
	],
	"keeps-what-came-to-nothing": [
		{
			file: "core/models/try-route.ts",
			from: 'if (outcome.kind !== "done") await giveAllBack();',
			to: "",
		},
	],
	"any-field-goes": [
		{
			file: "core/dialects/fields.ts",
			from: 'return isObject(value) ? value : refuse(field, "must be an object");',
			to: "return value as JsonObject;",
		},
	],
};

export const mutants: readonly string[] = Object.keys(EDITS);

/**
 * Mutated bodies over every surface of the model gateway of a running node, over vendors of both dialects: whatever a body
 * is, it is never our failure, it frees what it held, and the node goes on.
 */
export async function prove({ seed, isShort, mutant }: ProveOptions): Promise<ProveResult> {
	const vendor = await createFakeProviderServer();
	vendor.answerAlways(answerByTools);
	const world = await startEdgeWorld({
		seed,
		edits: mutant === undefined ? [] : (EDITS[mutant] ?? []),
		env: () => ({ GATEWAY_REQUESTS_PER_MINUTE: "1000000", GATEWAY_CONCURRENCY: "1000" }),
		async prepare({ db }) {
			await insertProvider(db, vendor.baseUrl("openai"), { id: "open" });
			await insertProvider(db, vendor.baseUrl("anthropic"), { id: "anth", dialect: "anthropic" });
		},
	});
	const sender = createSender(world.port);
	try {
		const random = createRandom(seed);
		const count = isShort ? BODIES_SHORT : BODIES;
		const cast = { keys: await addKeys(world), models: MODELS };
		const away = Math.round(count * AWAY_SHARE);
		const faults = [...(await sender.send(createCases(random, count - away, cast), findFault))];
		vendor.answerAlways({ kind: "status", status: 503 });
		faults.push(...(await sender.send(createCases(random, away, cast), findFaultWhenAway)));
		return await judge(world, faults, { vendor, sent: count, statuses: sender.statuses });
	} finally {
		await sender.close();
		await world.stop();
		await vendor.close();
	}
}

function answerByTools({ body }: FakeRequest) {
	const tools = Array.isArray(body["tools"]) && body["tools"].length > 0;
	if (!tools) return { kind: "message", thinking: "hm", text: "hello" } as const;
	const call = { name: "weather", arguments: { city: "Rome" } };
	return {
		...({ kind: "message", text: "Let me look." } as const),
		tools: [
			{ id: "call_8", ...call },
			{ id: "call_9", ...call },
		],
	};
}

async function addKeys({ db }: EdgeWorld): Promise<string[]> {
	const keys: string[] = [];
	while (keys.length < PEOPLE) {
		keys.push((await addPerson(db, { planId: "max_200", dailyTokens: 100_000_000 })).key);
	}
	return keys;
}

async function judge(
	world: EdgeWorld,
	faults: readonly string[],
	run: {
		readonly vendor: FakeProviderServer;
		readonly sent: number;
		readonly statuses: ReadonlyMap<number, number>;
	},
): Promise<ProveResult> {
	const desk = createDesk(world);
	// A lease lives for ten seconds after its last call.
	const hasResolved = await pollUntil(async () => (await countOpen(world)) === 0, 25_000).then(
		() => true,
		() => false,
	);
	const health = await readHealth(desk);
	await desk.close();
	const errors = Object.keys(health.errorsLogged);
	const passed =
		faults.length === 0 &&
		hasResolved &&
		health.isReady &&
		health.isAnswering &&
		health.isAlive &&
		health.stray === "" &&
		health.violations === 0 &&
		errors.length === 0;
	return {
		passed,
		figures: {
			bodies: run.sent,
			asked: run.vendor.requests.length,
			statuses: Object.fromEntries([...run.statuses].sort(([a], [b]) => a - b)),
			faults: faults.length,
			firstFaults: faults.slice(0, 5),
			open: await countOpen(world).catch(() => undefined),
			health,
		},
	};
}

async function countOpen({ db }: EdgeWorld): Promise<number> {
	const [row] = await db("ledger_reservations").where({ state: "pending" }).count<{ count: string }[]>();
	return Number(row?.count);
}
