import { randomBytes } from "node:crypto";
import type { Config } from "../../core/config.ts";
import type { Secrets } from "../../core/secrets/create-secrets.ts";

const TENANT = "platform";

export type PlatformSecrets = {
	/** Key of the hashes of bind codes and tombstones. */
	readonly pepper: string;
	/** Newest first. */
	readonly webhookSecrets: readonly [string, ...string[]];
};

/**
 * The installation's own secrets: from the configuration, else made once and kept encrypted, so that every node over the same
 * database has the same ones.
 */
export async function readPlatformSecrets(parts: {
	readonly config: Config;
	readonly secrets: Pick<Secrets, "ensure">;
}): Promise<PlatformSecrets> {
	const { config, secrets } = parts;
	const [first, ...rest] = config.telegram.webhookSecrets;
	return {
		pepper: config.bindPepper ?? (await secrets.ensure(TENANT, "bind-pepper", makeSecret)),
		webhookSecrets: [first ?? (await secrets.ensure(TENANT, "webhook-secret", makeSecret)), ...rest],
	};
}

/** 256 bits, 43 characters (source: security S4). */
function makeSecret(): string {
	return randomBytes(32).toString("base64url");
}
