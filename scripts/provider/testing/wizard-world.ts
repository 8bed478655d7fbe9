import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import type { Knex } from "knex";
import type { Provider } from "../../../core/providers/provider.ts";
import type { Secrets } from "../../../core/secrets/create-secrets.ts";
import { createSecrets } from "../../../core/secrets/create-secrets.ts";
import { readKeyRing } from "../../../core/secrets/key-files.ts";
import { createTestDb } from "../../../core/testing/create-test-db.ts";
import type { FakeProviderServer } from "../../../core/testing/fake-provider-server.ts";
import { createFakeProviderServer } from "../../../core/testing/fake-provider-server.ts";
import { runProvider } from "../run-provider.ts";

export type Ran = { readonly code: number; readonly out: string; readonly err: string };

export type WizardWorld = {
	readonly db: Knex;
	/** Where .env is; empty at first. */
	readonly folder: string;
	readonly server: FakeProviderServer;
	run(args: readonly string[], options?: RunOptions): Promise<Ran>;
	/** The stored key of a provider; undefined: it has none. */
	readKey(id: string): Promise<string | undefined>;
	/** All that is sealed, opened. */
	readSecrets(): Promise<readonly string[]>;
	/** No provider, no secret, an empty folder. */
	reset(): Promise<void>;
	close(): Promise<void>;
};

export type RunOptions = {
	readonly env?: Readonly<Record<string, string>>;
	/** Typed at a terminal, in answer to each question; absent: there is no terminal. */
	readonly answers?: readonly string[];
	readonly providers?: readonly Provider[];
	readonly folder?: string;
};

/** The wizard over a migrated database of its own and a vendor on 127.0.0.1. */
export async function createWizardWorld(): Promise<WizardWorld> {
	const testDb = await createTestDb({ poolMax: 3 });
	const server = await createFakeProviderServer();
	const dataDir = await mkdtemp(join(tmpdir(), "rockpool-wizard-"));
	const folder = await mkdtemp(join(tmpdir(), "rockpool-wizard-env-"));
	const { db, url } = testDb;

	function openSecrets(): Secrets {
		const readKeys = async () => await readKeyRing(join(dataDir, "keys"));
		return createSecrets({ db, readKeys, registerSecret: () => undefined });
	}

	async function run(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
		const { answers = [] } = options;
		const [output, prompts, errors] = [collect(), collect(), collect()];
		const input = Object.assign(new PassThrough(), { isTTY: options.answers !== undefined, setRawMode() {} });
		let asked = 0;
		prompts.stream.on("data", (text: Buffer) => {
			// each question ends so
			if (text.toString().endsWith(": ")) input.write(`${answers[asked++] ?? ""}\r`);
		});
		const code = await runProvider(
			args,
			{
				env: { DATABASE_URL: url, DATA_DIR: dataDir, ...options.env },
				folder: options.folder ?? folder,
				streams: { input, output: output.stream, prompts: prompts.stream },
				...(options.providers !== undefined && { providers: options.providers }),
			},
			errors.stream,
		);
		return { code, out: output.text() + prompts.text(), err: errors.text() };
	}

	return {
		db,
		folder,
		server,
		run,
		async readKey(id) {
			const row = await db<{ id: string; secret_id: string | null }>("providers")
				.where({ id })
				.first("secret_id");
			if (row?.secret_id === undefined || row.secret_id === null) return undefined;
			return await openSecrets().get(row.secret_id);
		},
		async readSecrets() {
			const ids = await db("secrets").pluck<string[]>("id");
			return await Promise.all(ids.map(async (id) => await openSecrets().get(id)));
		},
		async reset() {
			await db.raw("delete from providers");
			await db.raw("delete from secrets");
			for (const name of [".env", ".gitignore"])
				await rm(join(folder, name), { recursive: true, force: true });
			server.answerAlways({ kind: "text" });
		},
		async close() {
			await Promise.all([testDb.destroy(), server.close()]);
			for (const path of [dataDir, folder]) await rm(path, { recursive: true, force: true });
		},
	};
}

function collect(): { readonly stream: PassThrough; text(): string } {
	let text = "";
	const stream = new PassThrough();
	stream.on("data", (piece: Buffer) => {
		text += piece.toString();
	});
	return { stream, text: () => text };
}
