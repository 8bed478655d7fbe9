import { blankOldSecretAnswers } from "../../core/inbox/secret-answers.ts";
import { pollUntil } from "../../core/testing/poll-until.ts";
import { hasRedisServer, startRedisServer } from "../../core/testing/redis-server.ts";
import { STAFF_ID } from "./edge/account-rows.ts";
import type { Canary, Place } from "./edge/canaries.ts";
import { findCanaries } from "./edge/canaries.ts";
import type { Desk } from "./edge/desk.ts";
import { createDesk } from "./edge/desk.ts";
import { dumpDatabase, readServerLog } from "./edge/dump.ts";
import type { EdgeWorld } from "./edge/edge-world.ts";
import { startEdgeWorld } from "./edge/edge-world.ts";
import { flipBits } from "./edge/flipped-bits.ts";
import { rotateKeys } from "./edge/key-rotation.ts";
import { readTelegram } from "./edge/read-telegram.ts";
import { bootWrongly } from "./edge/secret-boots.ts";
import type { SecretEnv, VendorId } from "./edge/secret-env.ts";
import { makeSecretEnv, VENDOR_IDS } from "./edge/secret-env.ts";
import { letVendorsTell, misuseSecrets, useFaults, usePeople, useVendors } from "./edge/secret-paths.ts";
import { pointVendors, readVendors } from "./edge/secret-vendors.ts";
import { openStored } from "./edge/stored-secrets.ts";
import { loseCodes } from "./edge/stray-codes.ts";
import type { ProveOptions, ProveResult } from "./prove-options.ts";
import type { ModuleEdit } from "./testing/module-mutant.ts";

const CANARIES_MIN = 30;
const FLIP_ROUNDS = 30;
const ROTATIONS = 4;
/** One vendor of each dialect, and the operator's own. */
const DIALECTS: readonly VendorId[] = ["openai", "anthropic", "custom"];

/** The node under test is broken from outside; what it then lets out must be found. */
const EDITS: Readonly<Record<string, readonly ModuleEdit[]>> = {
	"scrub-nothing": [{ file: "core/log/scrubber.ts", from: "return clean;", to: "return text;" }],
	"store-plain": [
		{
			file: "core/secrets/envelope.ts",
			from: "const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);",
			to: "cipher.final(); const sealed = plain;",
		},
		{
			file: "core/secrets/envelope.ts",
			from: "return Buffer.concat([decipher.update(sealed), decipher.final()]);",
			to: "return sealed;",
		},
	],
	"accept-flipped": [
		{
			file: "core/secrets/envelope.ts",
			from: "return Buffer.concat([decipher.update(sealed), decipher.final()]);",
			to: "return decipher.update(sealed);",
		},
	],
	"blank-never": [
		{ file: "core/inbox/secret-answers.ts", from: "if (secret.length === 0) return;", to: "return;" },
	],
};

export const mutants: readonly string[] = Object.keys(EDITS);

/**
 * Canaries in every place a secret can come from go every way a secret can go, errors included; then all tables, logs, answers,
 * chats and vendors are searched for them. Then bits are flipped and keys changed under load.
 */
export async function prove(options: ProveOptions): Promise<ProveResult> {
	const env = makeSecretEnv(options.seed);
	const redis = hasRedisServer() ? await startRedisServer({ password: env.redisPassword }) : undefined;
	const world = await startEdgeWorld({
		seed: options.seed,
		bots: env.tokens.map((token) => ({ token })),
		edits: options.mutant === undefined ? [] : (EDITS[options.mutant] ?? []),
		env: ({ bots }) => ({
			...env.env,
			LOG_LEVEL: "trace",
			STAFF: `telegram:${bots[0]?.id}:${STAFF_ID}`,
			PROVIDER_FIRST_BYTE_TIMEOUT_MS: "2000",
			REDIS_URL: redis?.url ?? `redis://:${env.redisPassword}@127.0.0.1:9`,
		}),
	}).catch(async (error: unknown) => {
		await redis?.stop();
		throw error;
	});
	const desk = createDesk(world);
	try {
		return await run(desk, env, options, async () => await redis?.kill());
	} finally {
		await desk.close();
		await world.stop();
		await redis?.stop();
	}
}

async function run(
	desk: Desk,
	env: SecretEnv,
	options: ProveOptions,
	killRedis: () => Promise<void>,
): Promise<ProveResult> {
	const { world } = desk;
	// What a mutant lets out is seen at once.
	const isShort = options.isShort || options.mutant !== undefined;
	const answers: string[] = [];
	desk.onAnswer = ({ text, headers }) => answers.push(JSON.stringify(headers), text);
	await pointVendors(world.db, world.vendor);
	await world.restart();
	const stored = await openStored(world);
	if (stored.unopened !== undefined) {
		const hits = findCanaries(env.canaries, await dumpDatabase(world.db));
		return { passed: false, figures: { unopened: stored.unopened, hits } };
	}
	const made: Canary[] = [...env.canaries, ...stored.canaries];
	made.push({ name: "database password", secret: new URL(world.databaseUrl).password });
	made.push(...(await usePeople(desk)), ...(await loseCodes(desk)));
	const unasked = await useVendors(desk);
	made.push(...(await misuseSecrets(desk, env)));
	made.push(...(await useFaults(desk, env, killRedis)));
	await letVendorsTell(desk, env, isShort ? DIALECTS : VENDOR_IDS);
	// A node that has just booted bears no vendor a grudge.
	await world.restart();
	const flips = await flipBits(desk, env, isShort ? 2 : FLIP_ROUNDS);
	await world.restart();
	if (!isShort) unasked.push(...(await useVendors(desk)));
	const vendors = readVendors(world.vendor, env.vendorKeys);
	const rotation = await rotateKeys(desk, env, isShort ? 1 : ROTATIONS);
	made.push(...rotation.canaries);
	const boots = isShort ? undefined : await bootWrongly(world, env);
	made.push(...(boots?.canaries ?? []));
	await untilForgotten(world);
	const places: readonly Place[] = [
		...(await dumpDatabase(world.db)),
		{ kind: "log", name: "node", text: await world.readLog() },
		{ kind: "log", name: "error output", text: world.node().errors() },
		// What a test run's server writes is set by whoever started it.
		{ kind: "log", name: "PostgreSQL", text: world.hasServer ? await readServerLog(world.db) : "" },
		{ kind: "http", name: "answers", text: answers.join("\n") },
		...readTelegram(world.bots),
		...vendors.places,
		...rotation.places,
		...(boots?.places ?? []),
	];
	const hits = findCanaries(made, places);
	const empty = made.filter(({ secret }) => secret.length < 8).map(({ name }) => name);
	const failures = [
		...empty.map((name) => `${name} was not found`),
		...unasked.map((id) => `${id} was not asked`),
		...vendors.wrong.map((id) => `${id} was sent another key`),
		...(boots?.booted ?? []).map((name) => `booted with ${name}`),
		...flips.called.map((path) => `${path} was called with a flipped key`),
		...rotation.errors,
	];
	return {
		passed:
			hits.length === 0 &&
			failures.length === 0 &&
			made.length >= CANARIES_MIN &&
			flips.opened === 0 &&
			flips.read > 0 &&
			rotation.behind === 0,
		figures: {
			canaries: made.length,
			places: places.length,
			searchedMb: Math.round(places.reduce((sum, { text }) => sum + text.length, 0) / 1e5) / 10,
			hits,
			failures: failures.slice(0, 10),
			flips: flips.flips,
			opened: flips.opened,
			rotations: rotation.rotations,
			operationsDuringRotation: rotation.operations,
			dataKeysBehind: rotation.behind,
		},
	};
}

/** What is shown once is blanked right after it was delivered; the rest by a job, whose turn is not waited for. */
async function untilForgotten({ db, settle }: EdgeWorld): Promise<void> {
	await settle();
	await blankOldSecretAnswers(db);
	await pollUntil(async () => (await db("secret_answers").first("inbox_id")) === undefined).catch(
		() => undefined,
	);
}
