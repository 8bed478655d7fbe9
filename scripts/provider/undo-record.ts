import type { Knex } from "knex";
import { z } from "zod";
import type { ProviderRow } from "../../core/db/provider-rows.ts";
import { listSecretIds } from "../../core/db/provider-rows.ts";
import type { Secrets } from "../../core/secrets/create-secrets.ts";
import { WizardError } from "./wizard-error.ts";

/** Whose the secrets of the installation are; the same as for keys of the environment. */
export const TENANT = "platform";
const PURPOSE = "provider-undo";

const rowSchema = z.object({
	id: z.string(),
	dialect: z.string(),
	baseUrl: z.string(),
	region: z.string(),
	allowPrivateNetwork: z.boolean(),
	enabled: z.boolean(),
	requestsPerMinute: z.number(),
	tokensPerMinute: z.number(),
	concurrency: z.number(),
	managedBy: z.enum(["env", "admin"]),
	models: z.array(
		z.object({
			model: z.string(),
			quality: z.number(),
			priceInputMicro: z.number(),
			priceOutputMicro: z.number(),
			contextTokens: z.number(),
			outputTokensMax: z.number(),
			weightMicro: z.number(),
			// Records from before there were kinds.
			kind: z.enum(["chat", "embedding"]).default("chat"),
			enabled: z.boolean(),
		}),
	),
});

const recordSchema = z.object({
	what: z.string(),
	at: z.string(),
	providerId: z.string(),
	/** The provider as it was; null: there was none. Absent: the change did not touch it. */
	row: z
		.object({ before: rowSchema.nullable(), key: z.string().nullable(), versionAfter: z.number() })
		.optional(),
	/** What was done to .env in that folder. */
	envFile: z
		.object({
			folder: z.string(),
			isNew: z.boolean(),
			replaced: z.array(z.object({ name: z.string(), before: z.string(), print: z.string() })),
			appended: z.object({
				length: z.number(),
				print: z.string(),
				lines: z.array(z.object({ name: z.string(), print: z.string() })),
			}),
		})
		.optional(),
});

/** All that is needed to take the last change back, the former key included: kept sealed like a key. */
export type UndoRecord = z.infer<typeof recordSchema>;

/** Makes this the change that can be taken back; the one before no longer can, and its key is forgotten. */
export async function writeUndo(trx: Knex.Transaction, secrets: Secrets, record: UndoRecord): Promise<void> {
	await dropUndo(trx, secrets);
	await secrets.put(TENANT, PURPOSE, JSON.stringify(record));
}

/** @throws WizardError when there is one that cannot be read. */
export async function findUndo(db: Knex, secrets: Secrets): Promise<UndoRecord | undefined> {
	const [id] = await listSecretIds(db, TENANT, PURPOSE);
	if (id === undefined) return undefined;
	try {
		return recordSchema.parse(JSON.parse(await secrets.get(id)));
	} catch {
		throw new WizardError(
			"the record of the last change cannot be read (is KEK_FILE the one it was made with?); nothing was changed, and the next change replaces it",
		);
	}
}

export async function dropUndo(trx: Knex.Transaction, secrets: Secrets): Promise<void> {
	for (const id of await listSecretIds(trx, TENANT, PURPOSE)) await secrets.remove(id);
}

/** A provider without what belongs to one moment only. */
export function toUndoRow({ secretId: _, version: __, ...row }: ProviderRow): z.infer<typeof rowSchema> {
	return { ...row, models: [...row.models] };
}
