import { execFile } from "node:child_process";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createSecrets } from "../../../core/secrets/create-secrets.ts";
import { readKeyRing } from "../../../core/secrets/key-files.ts";
import type { Canary, Place } from "./canaries.ts";
import type { Desk } from "./desk.ts";
import type { SecretEnv } from "./secret-env.ts";

export type RotationReport = {
	readonly rotations: number;
	/** Questions answered and secrets written and read meanwhile. */
	readonly operations: number;
	readonly errors: readonly string[];
	/** Data keys that are not wrapped by the newest key. */
	readonly behind: number;
	readonly places: readonly Place[];
	readonly canaries: readonly Canary[];
};

const PROGRAM = fileURLToPath(new URL("../../rotate-keys.ts", import.meta.url));
const TENANTS = 4;
const run = promisify(execFile);

/**
 * Changes the key-encryption key again and again, as the operator does, while people ask and other nodes write and read secrets;
 * then takes the old key files away and boots anew.
 */
export async function rotateKeys(desk: Desk, env: SecretEnv, rotations: number): Promise<RotationReport> {
	const { world } = desk;
	const directory = join(world.directory, "keys");
	const errors: string[] = [];
	const value = env.makeSecret();
	let operations = 0;
	let isOver = false;

	async function ask(): Promise<void> {
		while (!isOver) {
			const { key } = await desk.program();
			for (let at = 0; at < 20 && !isOver; at += 1) {
				const { status, text } = await desk.chat(key, {
					message: `while keys change ${at}`,
					conversation: `r${at}`,
				});
				operations += 1;
				if (status !== 200) errors.push(`a question: ${status} ${text.slice(0, 200)}`);
			}
		}
	}
	async function store(node: number): Promise<void> {
		const secrets = createSecrets({
			db: world.db,
			readKeys: async () => await readKeyRing(directory),
			registerSecret: () => undefined,
		});
		for (let at = 0; !isOver; at += 1) {
			const tenant = `prove-${(node + at) % TENANTS}`;
			try {
				const id = await secrets.put(tenant, "prove", value);
				if ((await secrets.get(id)) !== value) errors.push("a secret came back as another one");
				await secrets.remove(id);
				operations += 1;
			} catch (error) {
				errors.push(`a secret: ${String(error)}`);
			}
		}
	}
	const load = [ask(), ask(), store(0), store(1), store(2)];
	const places: Place[] = [];
	for (let at = 0; at < rotations; at += 1) places.push(await rotate(world.env, at));
	isOver = true;
	await Promise.all(load);
	places.push(await rotate(world.env, rotations, []));
	const { current } = await readKeyRing(directory);
	const behind = (await world.db("data_keys").whereNot({ kek_id: current.id })).length;
	const files = (await readdir(directory)).filter((name) => name.endsWith(".key")).sort();
	const canaries = await Promise.all(
		files.map(async (name) => await toCanaries(join(directory, name), name)),
	);
	for (const name of files.slice(0, -1)) await rm(join(directory, name), { force: true });
	await world.restart();
	const { key } = await desk.program();
	const after = await desk.chat(key, { message: "without the old keys" });
	if (after.status !== 200) errors.push(`without the old keys: ${after.status}`);
	return {
		rotations,
		operations,
		errors: errors.slice(0, 5),
		behind,
		places,
		canaries: [...canaries.flat(), { name: "a secret of a tenant", secret: value }],
	};
}

async function rotate(
	env: Readonly<Record<string, string>>,
	at: number,
	options: readonly string[] = ["--add"],
): Promise<Place> {
	const { stdout, stderr } = await run(
		process.execPath,
		["--disable-warning=ExperimentalWarning", PROGRAM, ...options],
		{
			env: { PATH: process.env["PATH"] ?? "", ...env },
		},
	);
	return { kind: "log", name: `rotation ${at}`, text: `${stdout}\n${stderr}` };
}

async function toCanaries(path: string, name: string): Promise<readonly Canary[]> {
	const text = (await readFile(path, "utf8")).trim();
	return [
		{ name: `key-encryption key ${name}`, secret: text.replace(/=+$/, "") },
		{ name: `key-encryption key ${name} in hex`, secret: Buffer.from(text, "base64").toString("hex") },
	];
}
