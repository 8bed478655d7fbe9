import { deriveSecret } from "../../../bots/telegram/ingress/webhook-secret.ts";
import { createRandom } from "../prove-options.ts";
import type { Canary } from "./canaries.ts";

/** Ids of the providers whose keys the environment names, as the table has them. */
export const VENDORS = {
	openai: "OPENAI_API_KEY",
	anthropic: "ANTHROPIC_API_KEY",
	kimi: "MOONSHOT_API_KEY",
	deepseek: "DEEPSEEK_API_KEY",
	qwen: "DASHSCOPE_API_KEY",
	glm: "ZHIPU_API_KEY",
	cloudru: "CLOUDRU_API_KEY",
	custom: "CUSTOM_PROVIDER_API_KEY",
} as const;

export type VendorId = keyof typeof VENDORS;
export const VENDOR_IDS = Object.keys(VENDORS) as readonly VendorId[];

export type SecretEnv = {
	readonly env: Readonly<Record<string, string>>;
	readonly canaries: readonly Canary[];
	readonly tokens: readonly [string, string];
	readonly vendorKeys: Readonly<Record<VendorId, string>>;
	readonly redisPassword: string;
	/** More of the same chance. */
	makeSecret(length?: number): string;
};

const BOT_IDS = [7_100_000_001, 7_100_000_002] as const;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
const LENGTH = 43;
const NOWHERE = "http://127.0.0.1:9/alerts";

/** Everything secret an operator may put into the environment, drawn from the seed. */
export function makeSecretEnv(seed: number): SecretEnv {
	const random = createRandom(seed);
	const makeSecret = (length = LENGTH): string =>
		Array.from({ length }, () => ALPHABET[Math.floor(random() * ALPHABET.length)]).join("");
	const tokenSecrets = BOT_IDS.map(() => makeSecret(35));
	const tokens = BOT_IDS.map((id, at) => `${id}:${tokenSecrets[at]}`) as [string, string];
	const masters = [makeSecret(), makeSecret()];
	const keySecrets = Object.fromEntries(VENDOR_IDS.map((id) => [id, makeSecret()]));
	const vendorKeys = Object.fromEntries(
		VENDOR_IDS.map((id) => [id, toKey(id, keySecrets[id] ?? "")]),
	) as Record<VendorId, string>;
	const redisPassword = makeSecret(24);
	const hookSecret = makeSecret();
	return {
		tokens,
		vendorKeys,
		redisPassword,
		makeSecret,
		env: {
			TELEGRAM_BOT_TOKENS: tokens.join(),
			TELEGRAM_WEBHOOK_SECRET: masters.join(),
			ALERT_WEBHOOK_URL: NOWHERE,
			ALERT_WEBHOOK_SECRET: hookSecret,
			...Object.fromEntries(VENDOR_IDS.map((id) => [VENDORS[id], vendorKeys[id]])),
		},
		canaries: [
			...tokenSecrets.map((secret, at) => ({ name: `bot token ${at + 1}`, secret })),
			...masters.map((secret, at) => ({ name: `webhook master secret ${at + 1}`, secret })),
			...masters.flatMap((master, at) =>
				BOT_IDS.map((id) => ({
					name: `webhook secret ${at + 1} of bot ${id}`,
					secret: deriveSecret(master, String(id)),
				})),
			),
			...VENDOR_IDS.map((id) => ({ name: `key of ${id}`, secret: keySecrets[id] ?? "" })),
			{ name: "secret of the alert hook", secret: hookSecret },
			{ name: "Redis password", secret: redisPassword },
		],
	};
}

/** The vendors' own forms, of which the log knows some and some not. */
function toKey(id: VendorId, secret: string): string {
	if (id === "openai" || id === "deepseek" || id === "kimi" || id === "qwen") return `sk-${secret}`;
	if (id === "anthropic") return `sk-ant-api03-${secret}`;
	if (id === "glm") return `glm.${secret}`;
	return secret;
}
