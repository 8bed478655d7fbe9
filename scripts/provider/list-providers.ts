import type { ProviderRow } from "../../core/db/provider-rows.ts";
import { listProviderRows } from "../../core/db/provider-rows.ts";
import { findUndo } from "./undo-record.ts";
import type { Wizard } from "./wizard.ts";
import { WizardError } from "./wizard-error.ts";

const HEAD = ["ID", "STATE", "KEY", "SET BY", "REGION", "DIALECT", "ADDRESS", "MODELS"] as const;

/** All providers, and what a rollback would take back. No part of any key. */
export async function listProviders({ console, db, secretsOver }: Wizard): Promise<number> {
	const rows = await listProviderRows(db);
	const isReadable = async (id: string): Promise<boolean> =>
		await secretsOver(db)
			.get(id)
			.then(() => true)
			.catch(() => false);
	const lines: (readonly string[])[] = [HEAD];
	for (const row of rows) {
		const key =
			row.secretId === undefined ? "none" : (await isReadable(row.secretId)) ? "stored" : "unreadable";
		lines.push(toCells(row, key));
	}
	const widths = HEAD.map((_, column) => Math.max(...lines.map((cells) => (cells[column] ?? "").length)));
	for (const cells of lines) {
		console.say(
			cells
				.map((cell, column) => cell.padEnd(widths[column] ?? 0))
				.join("  ")
				.trimEnd(),
		);
	}
	console.say(await toUndoWords({ db, secretsOver }));
	return 0;
}

function toCells(row: ProviderRow, key: string): readonly string[] {
	const models = row.models.filter(({ enabled }) => enabled).map(({ model }) => model);
	const setBy = row.managedBy === "env" ? "environment" : "operator";
	return [
		row.id,
		row.enabled ? "on" : "off",
		key,
		setBy,
		row.region,
		row.dialect,
		row.baseUrl,
		models.join(","),
	];
}

async function toUndoWords({ db, secretsOver }: Pick<Wizard, "db" | "secretsOver">): Promise<string> {
	try {
		const record = await findUndo(db, secretsOver(db));
		if (record === undefined) return "There is no change to take back.";
		return `rollback would take back: ${record.what} ${record.providerId}, ${record.at}`;
	} catch (error) {
		if (error instanceof WizardError) return `rollback: ${error.message}`;
		throw error;
	}
}
