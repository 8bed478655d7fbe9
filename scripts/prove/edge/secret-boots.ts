import { spawn } from "node:child_process";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Canary, Place } from "./canaries.ts";
import type { EdgeWorld } from "./edge-world.ts";
import type { SecretEnv } from "./secret-env.ts";

export type BootReport = {
	readonly places: readonly Place[];
	readonly canaries: readonly Canary[];
	/** Boots that must fail and did not. */
	readonly booted: readonly string[];
};

type Boot = {
	readonly name: string;
	readonly env: Readonly<Record<string, string>>;
	/** Runs until it is told to end. */
	readonly isLasting?: boolean;
};

const PROGRAM = fileURLToPath(new URL("../../start.ts", import.meta.url));
/** Long enough to boot and to fail at whatever it fails at. */
const LAST_MS = 5_000;
const END_MS = 20_000;

/** `npm start` with an environment that is wrong in every way a secret can be wrong, and all it writes while it fails. */
export async function bootWrongly(world: EdgeWorld, env: SecretEnv): Promise<BootReport> {
	const [weak, url, database, redis, token, kek] = Array.from({ length: 6 }, () => env.makeSecret()) as [
		string,
		string,
		string,
		string,
		string,
		string,
	];
	const directory = join(world.directory, "wrong");
	await mkdir(directory);
	const [badKek, openKek] = [join(directory, "bad.key"), join(directory, "open.key")];
	await writeFile(badKek, kek, { mode: 0o400 });
	await writeFile(openKek, kek);
	await chmod(openKek, 0o644);
	const withPassword = (base: string, password: string): string => {
		const changed = new URL(base);
		changed.password = password;
		return changed.href;
	};
	const boots: readonly Boot[] = [
		{ name: "a weak webhook secret", env: { TELEGRAM_WEBHOOK_SECRET: `${weak.slice(0, 30)}!` } },
		{ name: "a pepper with a space", env: { BIND_PEPPER: `${weak} x` } },
		{ name: "a token that is none", env: { TELEGRAM_BOT_TOKENS: `bot-${weak}` } },
		{ name: "a key with a line break in it", env: { OPENAI_API_KEY: `${weak}\n${weak}` } },
		{ name: "a secret twice", env: { BIND_PEPPER: weak, BIND_PEPPER_FILE: badKek } },
		{ name: "a port that is a secret", env: { PORT: weak } },
		{
			name: "a password in a provider's URL",
			env: { CUSTOM_PROVIDER_BASE_URL: `https://u:${url}@example.com/v1` },
		},
		{ name: "a password in the public URL", env: { PUBLIC_URL: `https://u:${url}@example.com` } },
		{ name: "a password in the Bot API's URL", env: { TELEGRAM_API_ROOT: `https://u:${url}@example.com` } },
		{ name: "a URL that is none", env: { DATABASE_URL: `postgres://u:${database}@:x:y/` } },
		...(world.asksPassword
			? [
					{
						name: "a wrong database password",
						env: { DATABASE_URL: withPassword(world.databaseUrl, database) },
					},
				]
			: []),
		{ name: "a database that is away", env: { DATABASE_URL: `postgres://u:${database}@127.0.0.1:9/x` } },
		{ name: "a key file that is none", env: { KEK_FILE: badKek } },
		{ name: "a key file that others may read", env: { KEK_FILE: openKek } },
		{ name: "a Redis that is away", env: { REDIS_URL: `redis://:${redis}@127.0.0.1:9` }, isLasting: true },
		{
			name: "a bot nobody knows",
			env: { TELEGRAM_BOT_TOKENS: `7199999999:${token.slice(0, 35)}` },
			isLasting: true,
		},
	];
	const runs = [];
	for (const boot of boots) runs.push(await run(world, boot));
	return {
		places: runs.map(({ name, text }) => ({ kind: "log", name: `boot with ${name}`, text })),
		booted: runs.filter(({ hasBooted }) => hasBooted).map(({ name }) => name),
		canaries: [
			{ name: "a weak secret", secret: weak },
			{ name: "a password in a URL", secret: url },
			{ name: "a wrong database password", secret: database },
			{ name: "a wrong Redis password", secret: redis },
			{ name: "the token of a bot nobody knows", secret: token.slice(0, 35) },
			{ name: "a key file that is none", secret: kek },
		],
	};
}

async function run(
	world: EdgeWorld,
	{ name, env, isLasting = false }: Boot,
): Promise<{ readonly name: string; readonly text: string; readonly hasBooted: boolean }> {
	const { LOG_FILE: _, NODE_OPTIONS: __, ...rest } = world.env;
	const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", PROGRAM], {
		stdio: ["ignore", "pipe", "pipe"],
		env: { PATH: process.env["PATH"] ?? "", PORT: "0", LOG_LEVEL: "trace", ...rest, ...env },
	});
	let text = "";
	for (const stream of [child.stdout, child.stderr]) {
		stream.setEncoding("utf8").on("data", (piece: string) => {
			text += piece;
		});
	}
	const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
	const timer = setTimeout(() => child.kill("SIGTERM"), isLasting ? LAST_MS : END_MS);
	const killer = setTimeout(() => child.kill("SIGKILL"), END_MS + LAST_MS);
	const code = await ended;
	clearTimeout(timer);
	clearTimeout(killer);
	return { name, text, hasBooted: !isLasting && code !== 1 };
}
