import { rm } from "node:fs/promises";
import { parseEnv } from "node:util";
import type { Knex } from "knex";
import type { ProviderRow } from "../../core/db/provider-rows.ts";
import { findProviderRow, writeProviderRow } from "../../core/db/provider-rows.ts";
import { lockBootstrap } from "../../core/db/providers.ts";
import type { Secrets } from "../../core/secrets/create-secrets.ts";
import type { TextFile } from "./env-file.ts";
import { ensureIgnored, readTextFile, writeTextFile } from "./env-file.ts";
import type { EnvChanges, EnvEdit } from "./env-text.ts";
import { editEnv } from "./env-text.ts";
import type { UndoRecord } from "./undo-record.ts";
import { dropUndo, TENANT, toUndoRow, writeUndo } from "./undo-record.ts";
import type { Wizard } from "./wizard.ts";
import { WizardError } from "./wizard-error.ts";

const KEY_PURPOSE = "provider-key";

export type ProviderChange = {
	/** For the words of a rollback. */
	readonly what: "add" | "remove";
	readonly providerId: string;
	/** As it was when the operator decided; undefined: there was none. */
	readonly seen: ProviderRow | undefined;
	/** What the row becomes; absent: it stays. */
	readonly row?: Omit<ProviderRow, "version" | "secretId">;
	/** keep: the stored one stays with the row. */
	readonly key: { readonly kind: "keep" | "none" } | { readonly kind: "set"; readonly value: string };
	/** For .env. */
	readonly variables?: EnvChanges;
	/** False: nothing of what was is kept, the former key least of all. */
	readonly isUndoable: boolean;
};

export type ProviderChanged = {
	/** Names of variables whose line in .env changed or is new. */
	readonly envNames: readonly string[];
	/** Those of them that the process has from elsewhere, which counts more than the file. */
	readonly overriddenNames: readonly string[];
	readonly isIgnoreAdded: boolean;
	/** A stored key was removed. */
	readonly isKeyForgotten: boolean;
};

/**
 * Row, key and undo record are one commit, under the lock that nodes take at their start; .env is written last inside of it, so
 * that a file that cannot be written takes the rest back.
 *
 * @throws WizardError when somebody else changed the provider since it was looked at
 */
export async function changeProvider(wizard: Wizard, change: ProviderChange): Promise<ProviderChanged> {
	let written: TextFile | undefined;
	try {
		return await wizard.db.transaction(async (trx) => {
			await lockBootstrap(trx);
			const secrets = wizard.secretsOver(trx);
			const now = await findProviderRow(trx, change.providerId);
			if (now?.version !== change.seen?.version) {
				throw new WizardError(
					`${change.providerId} was changed by somebody else meanwhile; nothing was changed here, try again`,
				);
			}
			const row = await writeRow(trx, secrets, now, change);
			const file = await editFile(wizard.folder, change.variables);
			const record: UndoRecord = {
				...{ what: change.what, at: new Date().toISOString(), providerId: change.providerId },
				...(row !== undefined && { row }),
				...(file !== undefined && { envFile: toFileRecord(wizard.folder, file) }),
			};
			if (change.isUndoable) await writeUndo(trx, secrets, record);
			else await dropUndo(trx, secrets);
			// git must ignore the file before a key is in it
			const isIgnoreAdded = file === undefined ? false : await ensureIgnored(wizard.folder);
			if (file?.isChanged === true) {
				await writeTextFile(file.file, file.text);
				written = file.file;
			}
			const envNames = file?.names ?? [];
			const inFile = parseEnv(file?.file.text ?? "");
			const overriddenNames = envNames.filter(
				(name) => wizard.env[name] !== undefined && wizard.env[name] !== inFile[name],
			);
			const isKeyForgotten =
				change.row !== undefined && change.key.kind !== "keep" && now?.secretId !== undefined;
			return { envNames, overriddenNames, isIgnoreAdded, isKeyForgotten };
		});
	} catch (error) {
		if (written !== undefined) await putBack(written);
		throw error;
	}
}

async function writeRow(
	trx: Knex.Transaction,
	secrets: Secrets,
	now: ProviderRow | undefined,
	{ row, key }: ProviderChange,
): Promise<UndoRecord["row"]> {
	if (row === undefined) return undefined;
	const former =
		now?.secretId === undefined ? undefined : await secrets.get(now.secretId).catch(() => undefined);
	let secretId = key.kind === "keep" ? now?.secretId : undefined;
	if (key.kind === "set") secretId = await secrets.put(TENANT, KEY_PURPOSE, key.value);
	const versionAfter = await writeProviderRow(trx, { ...row, secretId });
	if (now?.secretId !== undefined && now.secretId !== secretId) await secrets.remove(now.secretId);
	return { before: now === undefined ? null : toUndoRow(now), key: former ?? null, versionAfter };
}

type EditedFile = {
	readonly file: TextFile;
	readonly text: string;
	readonly edit: EnvEdit;
	readonly names: readonly string[];
	readonly isChanged: boolean;
};

async function editFile(folder: string, variables: EnvChanges | undefined): Promise<EditedFile | undefined> {
	if (variables === undefined) return undefined;
	const file = await readTextFile(folder, ".env");
	const { text, edit } = editEnv(file.text ?? "", variables);
	const names = [...edit.replaced, ...edit.appended.lines].map(({ name }) => name);
	return { file, text, edit, names, isChanged: names.length > 0 };
}

function toFileRecord(folder: string, { file, edit }: EditedFile): NonNullable<UndoRecord["envFile"]> {
	const { length, print, lines } = edit.appended;
	const isNew = file.text === undefined;
	return { folder, isNew, replaced: [...edit.replaced], appended: { length, print, lines: [...lines] } };
}

async function putBack(file: TextFile): Promise<void> {
	if (file.text === undefined) await rm(file.path, { force: true });
	else await writeTextFile(file, file.text);
}
