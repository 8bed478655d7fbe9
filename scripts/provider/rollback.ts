import { rm } from "node:fs/promises";
import type { Knex } from "knex";
import type { ProviderRow } from "../../core/db/provider-rows.ts";
import { deleteProviderRow, findProviderRow, writeProviderRow } from "../../core/db/provider-rows.ts";
import { lockBootstrap } from "../../core/db/providers.ts";
import type { Secrets } from "../../core/secrets/create-secrets.ts";
import type { TextFile } from "./env-file.ts";
import { readTextFile, writeTextFile } from "./env-file.ts";
import { undoEnv } from "./env-text.ts";
import type { UndoRecord } from "./undo-record.ts";
import { dropUndo, findUndo, TENANT } from "./undo-record.ts";
import type { Wizard } from "./wizard.ts";
import { WizardError } from "./wizard-error.ts";

const KEY_PURPOSE = "provider-key";

/**
 * Takes the last change back, all of it or nothing, and says what it did. Doing it twice does nothing the second time; what
 * is gone meanwhile is no obstacle. What somebody else changed since stops it, unless it is forced.
 */
export async function rollback(wizard: Wizard, { force }: { readonly force: boolean }): Promise<number> {
	const { console } = wizard;
	let written: TextFile | undefined;
	try {
		const words = await wizard.db.transaction(async (trx) => {
			await lockBootstrap(trx);
			const secrets = wizard.secretsOver(trx);
			const record = await findUndo(trx, secrets);
			if (record === undefined) return ["There is no change to take back."];
			const done = [`Taking back "${record.what} ${record.providerId}" of ${record.at}:`];
			if (record.row !== undefined) {
				done.push(await undoRow(trx, secrets, record.providerId, { ...record.row, force }));
			}
			await dropUndo(trx, secrets);
			if (record.envFile !== undefined) {
				const undone = await undoFile(record.envFile, force);
				written = undone.written;
				done.push(undone.words);
			}
			return done;
		});
		for (const line of words) console.say(line);
		return 0;
	} catch (error) {
		if (written?.text !== undefined) await writeTextFile(written, written.text);
		throw error;
	}
}

async function undoRow(
	trx: Knex.Transaction,
	secrets: Secrets,
	id: string,
	undo: NonNullable<UndoRecord["row"]> & { readonly force: boolean },
): Promise<string> {
	const now = await findProviderRow(trx, id);
	// The environment's rows are written again at each start, which is no change of anybody's.
	if (now?.managedBy === "admin" && now.version !== undo.versionAfter && !undo.force) {
		throw new WizardError(
			`${id} was changed by somebody else since; nothing was taken back. With --force it is, and that change is lost`,
		);
	}
	const words =
		undo.before === null
			? await dropRow(trx, id, now)
			: await restoreRow(trx, secrets, undo.before, undo.key);
	if (now?.secretId !== undefined) await secrets.remove(now.secretId);
	return words;
}

async function dropRow(trx: Knex.Transaction, id: string, now: ProviderRow | undefined): Promise<string> {
	if (now === undefined) return `  provider ${id}: was gone already`;
	await deleteProviderRow(trx, id);
	return `  provider ${id}: deleted with its key, as there was none before`;
}

async function restoreRow(
	trx: Knex.Transaction,
	secrets: Secrets,
	before: NonNullable<NonNullable<UndoRecord["row"]>["before"]>,
	key: string | null,
): Promise<string> {
	const secretId = key === null ? undefined : await secrets.put(TENANT, KEY_PURPOSE, key);
	await writeProviderRow(trx, { ...before, secretId });
	const state = `${before.enabled ? "on" : "off"}, ${key === null ? "without a key" : "with its former key"}`;
	return `  provider ${before.id}: as before (${state}, ${before.baseUrl})`;
}

type UndoneFile = { readonly words: string; readonly written: TextFile | undefined };

async function undoFile(
	{ folder, isNew, ...edit }: NonNullable<UndoRecord["envFile"]>,
	force: boolean,
): Promise<UndoneFile> {
	const file = await readTextFile(folder, ".env").catch((error: unknown) => {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
		throw error;
	});
	if (file?.text === undefined)
		return { words: `  ${folder}/.env: is gone, nothing to take back there`, written: undefined };
	const undone = undoEnv(file.text, edit);
	if (undone.kind === "changed" && !force) {
		throw new WizardError(
			`${undone.name} in ${file.path} was changed by somebody else since; nothing was taken back. With --force the file is left as it is`,
		);
	}
	if (undone.kind === "changed") {
		return { words: `  ${file.path}: left as it is, ${undone.name} was changed since`, written: undefined };
	}
	if (undone.kind === "already") {
		return { words: `  ${file.path}: is as it was before already`, written: undefined };
	}
	if (isNew && undone.text === "") {
		await rm(file.path);
		return { words: `  ${file.path}: deleted, as there was none before`, written: file };
	}
	await writeTextFile(file, undone.text);
	return { words: `  ${file.path}: as before`, written: file };
}
