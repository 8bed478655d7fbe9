import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeEmpty } from "../../core/backup/testing/table-prints.ts";
import type { TestDb } from "../../core/testing/create-test-db.ts";
import type { BackupWorld } from "./backup/backup-world.ts";
import { createBackupWorld } from "./backup/backup-world.ts";
import { addBulk, backUpWhileTalking } from "./backup/one-moment.ts";
import { runTool } from "./backup/run-tool.ts";
import type { Talk } from "./backup/talk.ts";
import { startTalk } from "./backup/talk.ts";
import { tamper } from "./backup/tamper.ts";
import type { ProveOptions, ProveResult } from "./prove-options.ts";
import { createRandom } from "./prove-options.ts";
import { createProofDatabase } from "./quota/proof-database.ts";
import type { ModuleEdit } from "./testing/module-mutant.ts";

const SEAL = "core/backup/sealed-stream.ts";

/** The tools are broken from outside. */
const EDITS: Readonly<Record<string, readonly ModuleEdit[]>> = {
	"no-snapshot": [{ file: "core/backup/make-backup.ts", from: '"repeatable read"', to: '"read committed"' }],
	"no-sequences": [
		{
			file: "core/backup/restore-backup.ts",
			from: "await setSequences(trx, closing.sequences);",
			to: "void setSequences;",
		},
	],
	"no-last-flag": [
		{ file: SEAL, from: "place.writeUInt8(isLast ? 1 : 0, 8);", to: "void isLast;" },
		{ file: SEAL, from: "if (!isComplete) throw", to: "if (number < 0) throw" },
	],
	"no-number": [
		{ file: SEAL, from: "place.writeBigUInt64BE(BigInt(number));", to: "void number;" },
		{ file: SEAL, from: "nonce.writeBigUInt64BE(BigInt(number), NONCE_BYTES - 8);", to: "void number;" },
	],
	"no-tag": [{ file: SEAL, from: "decipher.final();", to: "void decipher;" }],
};

export const mutants: readonly string[] = Object.keys(EDITS);

const TAMPERED = 200;
const TALKERS = 4;
/** A file of some ten chunks. */
const TAMPERED_ROWS = 300;
/** More than all the buffers between the server and a reader who does not read. */
const BULK_ROWS = 2_000;

/**
 * People talk to a node while it is backed up by the program an operator runs. What is restored elsewhere is one moment, its books
 * add up, and a node over it answers. Changed files are restored by nobody.
 */
export async function prove({ seed, mutant, isShort }: ProveOptions): Promise<ProveResult> {
	const edits = mutant === undefined ? [] : (EDITS[mutant] ?? []);
	const world = await createBackupWorld();
	let target: TestDb | undefined;
	try {
		target = await createProofDatabase({ poolMax: 4 });
		return await run({ world, target, edits, seed, isShort });
	} finally {
		// the nodes over it first
		await world.close();
		await target?.destroy();
	}
}

type Run = {
	readonly world: BackupWorld;
	readonly target: TestDb;
	readonly edits: readonly ModuleEdit[];
	readonly seed: number;
	readonly isShort: boolean;
};

async function run(all: Run): Promise<ProveResult> {
	const { world, target, isShort } = all;
	const node = await world.boot(world.source.url);
	const keys = await world.addPeople(TALKERS);
	for (const key of keys) await world.ask(node, key, "hello");
	await addBulk(world, TAMPERED_ROWS);
	const talk = startTalk(world, node, keys);
	const underTalk = await backUpUnderTalk(all, talk, isShort ? 2 : 10);
	await talk.stop();
	const tampered = await tryTampered(all, underTalk.files);
	await addBulk(world, BULK_ROWS);
	const moment = await backUpWhileTalking(world, target, all.edits, async () => {
		for (const key of keys) await world.ask(node, key, "while it is read");
	});
	await node.stop();
	const restored = moment.isRestored ? await answerFromRestored(all, keys) : { answered: 0 };
	const failures = [...underTalk.failures, ...tampered.failures, ...moment.failures];
	return {
		passed:
			failures.length === 0 &&
			talk.failed.length === 0 &&
			talk.answered() > 0 &&
			moment.differing.length === 0 &&
			restored.answered === keys.length,
		figures: {
			backups: underTalk.files.length + 1,
			answersMeanwhile: talk.answered(),
			answersFailed: talk.failed.slice(0, 5),
			...moment.figures,
			differing: moment.differing,
			answeredAfterRestore: restored.answered,
			tampered: tampered.tried,
			taken: tampered.taken,
			failures: failures.slice(0, 10),
		},
	};
}

/** Whole backups one after the other, none of which knows what people do; each must be restored with books that add up. */
async function backUpUnderTalk(
	{ world, target, edits, isShort }: Run,
	talk: Talk,
	count: number,
): Promise<{ readonly files: readonly string[]; readonly failures: readonly string[] }> {
	const files: string[] = [];
	const failures: string[] = [];
	for (let number = 1; number <= count; number += 1) {
		await talk.another(TALKERS);
		const path = join(world.directory, `talk-${number}.backup`);
		const made = await runTool("backup.ts", ["--out", path], toEnv(world, world.source.url), edits);
		if (made.code !== 0) failures.push(made.said);
		files.push(path);
		if (isShort && number > 1) continue;
		await makeEmpty(target.db);
		const restored = await runTool("restore.ts", [path], toEnv(world, target.url), edits);
		if (restored.code !== 0) failures.push(restored.said);
	}
	return { files, failures };
}

async function tryTampered({ world, target, edits, seed, isShort }: Run, files: readonly string[]) {
	const [path = "", other = ""] = files;
	const failures: string[] = [];
	const tool = await runTool(
		"prove/backup/try-files.ts",
		[path, other, String(TAMPERED), String(seed)],
		toEnv(world, world.source.url),
		edits,
	);
	const result = JSON.parse(tool.output || "{}") as {
		readonly tried?: number;
		readonly sealOpened?: readonly string[];
		readonly wholeOpened?: readonly string[];
		readonly isControlOpen?: boolean;
	};
	const { tried = 0, sealOpened = [], wholeOpened = [] } = result;
	if (tried !== TAMPERED || result.isControlOpen !== true) failures.push(`the trial failed: ${tool.said}`);
	const taken = [...new Set([...sealOpened.map((kind) => `${kind} (seal)`), ...wholeOpened])];
	failures.push(...taken.map((kind) => `opened: ${kind}`));
	await makeEmpty(target.db);
	const few = tamper(await readFile(path), await readFile(other), isShort ? 1 : 22, createRandom(seed));
	for (const { kind, bytes } of few) {
		const changed = join(world.directory, "changed.backup");
		await writeFile(changed, bytes);
		const { code } = await runTool("restore.ts", [changed], toEnv(world, target.url), edits);
		const left = await target.db("pg_class").whereRaw("relnamespace = 'public'::regnamespace").first("oid");
		if (code === 0 || left !== undefined) failures.push(`restored: ${kind}`);
	}
	return { tried, taken, failures };
}

async function answerFromRestored({ world, target }: Run, keys: readonly string[]) {
	const node = await world.boot(target.url);
	let answered = 0;
	for (const key of keys) {
		if ((await world.ask(node, key, "are you there")).status === 200) answered += 1;
	}
	const { rows } = await target.db.raw<{ rows: unknown[] }>("select * from violations");
	return { answered: rows.length === 0 ? answered : 0 };
}

function toEnv(world: BackupWorld, databaseUrl: string): Readonly<Record<string, string>> {
	return { DATABASE_URL: databaseUrl, KEK_FILE: world.keysPath, DATA_DIR: world.directory };
}
