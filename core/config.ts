import { join, resolve } from "node:path";
import type { EnvValues } from "./config/env-schema.ts";
import type { Env } from "./config/read-env.ts";
import { readEnv } from "./config/read-env.ts";

/** All that can be set from outside. Absent optional parts are undefined. */
export type Config = {
	/** undefined: the embedded PostgreSQL in `dataDir`. */
	readonly databaseUrl: string | undefined;
	/** undefined: limits hold for this node alone. */
	readonly redisUrl: string | undefined;
	readonly dataDir: string;
	readonly host: string;
	readonly port: number;
	/** Without a slash at the end. */
	readonly publicUrl: string | undefined;
	readonly log: { readonly level: EnvValues["LOG_LEVEL"]; readonly file: string | undefined };
	readonly languageDefault: "en" | "zh-CN" | "ru";
	readonly zoneDefault: string;
	readonly joinMode: "auto" | "invite";
	readonly supportUrl: string | undefined;
	/** "platform:botId:userId" each. */
	readonly staff: readonly string[];
	/** Where alerts are posted besides the staff's chats; undefined: nowhere. The secret signs them. */
	readonly alertHook: { readonly url: string; readonly secret: string | undefined } | undefined;
	readonly telegram: {
		readonly tokens: readonly string[];
		readonly mode: "webhook" | "polling";
		/** The first is told to Telegram, a second one is still accepted. Empty: one is made and kept in the database. */
		readonly webhookSecrets: readonly string[];
		readonly apiRoot: string;
	};
	readonly providers: {
		readonly keys: Readonly<Partial<Record<ProviderKey, string>>>;
		readonly custom?: CustomProvider;
		/** undefined: all models of Cloud.ru. */
		readonly cloudruPreset?: NonNullable<EnvValues["CLOUDRU_PRESET"]>;
		readonly timeouts: {
			readonly connectMs: number;
			readonly firstByteMs: number;
			readonly idleMs: number;
			readonly totalMs: number;
		};
	};
	/** A directory of key files, or one key file. */
	readonly kekPath: string;
	/** undefined: one is made and kept in the database. */
	readonly bindPepper: string | undefined;
	readonly turnConcurrency: number;
	readonly leaseTtlMs: number;
	readonly historyTokensMax: number;
	readonly outputTokensMax: number;
	/** Of one API key at the model gateway. */
	readonly gateway: { readonly requestsPerMinute: number; readonly concurrency: number };
	readonly instances: {
		/** auto: processes where each can have a user of its own, or where nobody but whoever started this writes. */
		readonly runtime: EnvValues["INSTANCES"];
		readonly release: string;
		/** As users know it. */
		readonly region: string;
		/** At a time, all accounts together. */
		readonly liveMax: number;
		/** How many wait, up and nobody's, for whoever needs one. */
		readonly warm: number;
		readonly containers: {
			/** The engine's. */
			readonly socket: string;
			readonly registries: readonly string[];
			/** The agent's program in its image; undefined: what the image begins with. */
			readonly command: readonly string[] | undefined;
			readonly subnets: string;
			/** undefined: where it can be done. */
			readonly firewall: boolean | undefined;
			readonly ociRuntime: string | undefined;
		};
		/** Where cells find our gateway; undefined: where we listen. Without /v1. */
		readonly gatewayUrl: string | undefined;
	};
	/** CIDR blocks or addresses of the proxies before us, whose X-Forwarded-For is believed. */
	readonly trustedProxies: readonly string[];
	readonly inboxRetentionDays: number;
	/** For the log's scrubber: every secret above. */
	readonly secrets: readonly string[];
};

export type ProviderKey = keyof typeof PROVIDER_KEYS;

export type CustomProvider = {
	readonly baseUrl: string;
	readonly apiKey: string;
	readonly models: readonly string[];
	readonly region: string;
	readonly dialect: "openai" | "anthropic";
	readonly allowPrivateNetwork: boolean;
};

/** The variable that holds the key of a preset. */
export const PROVIDER_KEYS = {
	openai: "OPENAI_API_KEY",
	anthropic: "ANTHROPIC_API_KEY",
	moonshot: "MOONSHOT_API_KEY",
	deepseek: "DEEPSEEK_API_KEY",
	dashscope: "DASHSCOPE_API_KEY",
	zhipu: "ZHIPU_API_KEY",
	cloudru: "CLOUDRU_API_KEY",
} as const satisfies Record<string, keyof EnvValues>;

/** Source: contract, "Lifecycle figures". */
const WARM = 10;
const REGISTRIES = ["docker.io", "ghcr.io"];

/** Ports Telegram delivers webhooks to (source: Bot API, setWebhook). The empty one is 443. */
const WEBHOOK_PORTS = new Set(["", "80", "88", "443", "8443"]);

/** The only reader of environment names. @throws ConfigError that names all that is wrong at once, and no value of a secret. */
export function parseConfig(env: Env): Config {
	const problems: string[] = [];
	const values = readEnv(env, problems);
	if (values !== undefined) checkTogether(values, problems);
	if (values === undefined || problems.length > 0) throw new ConfigError(problems);
	return toConfig(values);
}

export class ConfigError extends Error {
	override readonly name = "ConfigError";
	readonly problems: readonly string[];

	constructor(problems: readonly string[]) {
		super(["The configuration is wrong:", ...problems.map((problem) => `  - ${problem}`)].join("\n"));
		this.problems = problems;
	}
}

function toConfig(values: EnvValues): Config {
	const dataDir = resolve(values.DATA_DIR);
	const custom = toCustomProvider(values);
	return {
		databaseUrl: values.DATABASE_URL,
		redisUrl: values.REDIS_URL,
		dataDir,
		host: values.HOST,
		port: values.PORT,
		publicUrl: values.PUBLIC_URL?.replace(/\/+$/, ""),
		log: { level: values.LOG_LEVEL, file: values.LOG_FILE },
		languageDefault: values.LANGUAGE_DEFAULT,
		zoneDefault: values.ZONE_DEFAULT,
		joinMode: values.JOIN_MODE,
		supportUrl: values.SUPPORT_URL,
		staff: values.STAFF,
		alertHook:
			values.ALERT_WEBHOOK_URL === undefined
				? undefined
				: { url: values.ALERT_WEBHOOK_URL, secret: values.ALERT_WEBHOOK_SECRET },
		telegram: {
			tokens: toTokens(values),
			mode: toTelegramMode(values),
			webhookSecrets: values.TELEGRAM_WEBHOOK_SECRET ?? [],
			apiRoot: (values.TELEGRAM_API_ROOT ?? "https://api.telegram.org").replace(/\/+$/, ""),
		},
		providers: {
			keys: toProviderKeys(values),
			...(custom === undefined ? {} : { custom }),
			...(values.CLOUDRU_PRESET === undefined ? {} : { cloudruPreset: values.CLOUDRU_PRESET }),
			timeouts: {
				connectMs: values.PROVIDER_CONNECT_TIMEOUT_MS,
				firstByteMs: values.PROVIDER_FIRST_BYTE_TIMEOUT_MS,
				idleMs: values.PROVIDER_IDLE_TIMEOUT_MS,
				totalMs: values.PROVIDER_TOTAL_TIMEOUT_MS,
			},
		},
		kekPath: values.KEK_FILE === undefined ? join(dataDir, "keys") : resolve(values.KEK_FILE),
		bindPepper: values.BIND_PEPPER,
		turnConcurrency: values.TURN_CONCURRENCY,
		leaseTtlMs: values.LEASE_TTL_MS,
		historyTokensMax: values.HISTORY_TOKENS_MAX,
		outputTokensMax: values.OUTPUT_TOKENS_MAX,
		gateway: {
			requestsPerMinute: values.GATEWAY_REQUESTS_PER_MINUTE,
			concurrency: values.GATEWAY_CONCURRENCY,
		},
		instances: {
			runtime: values.INSTANCES,
			release: values.INSTANCE_RELEASE,
			region: values.INSTANCE_REGION,
			liveMax: values.MAX_MANAGED_INSTANCES,
			// Processes are for small machines, where a gigabyte for nobody is much.
			warm: values.INSTANCE_WARM ?? (values.INSTANCES === "docker" ? WARM : 0),
			containers: toContainers(values),
			gatewayUrl: values.INSTANCE_GATEWAY_URL?.replace(/\/+$/, ""),
		},
		trustedProxies: values.TRUSTED_PROXIES,
		inboxRetentionDays: values.INBOX_RETENTION_DAYS,
		secrets: toSecrets(values),
	};
}

/** Rules about several variables at once. */
function checkTogether(values: EnvValues, problems: string[]): void {
	const botIds = toTokens(values).map((token) => token.split(":")[0]);
	if (new Set(botIds).size < botIds.length)
		problems.push("TELEGRAM_BOT_TOKENS names one bot with two tokens");
	if (values.TELEGRAM_MODE === "webhook" && !canReceiveWebhooks(values.PUBLIC_URL)) {
		problems.push("TELEGRAM_MODE is webhook, so PUBLIC_URL must be https on port 443, 80, 88 or 8443");
	}
	const isImage = values.INSTANCE_RELEASE.includes("sha256:");
	if (values.INSTANCES === "docker" && !isImage) {
		problems.push(
			"INSTANCES is docker, so INSTANCE_RELEASE must be an image by its digest: registry/path@sha256:…",
		);
	}
	if (values.INSTANCES !== "docker" && isImage)
		problems.push("INSTANCE_RELEASE is an image, which needs INSTANCES=docker");
	const hasCustom = values.CUSTOM_PROVIDER_BASE_URL !== undefined;
	if (hasCustom && values.CUSTOM_PROVIDER_MODELS.length === 0) {
		problems.push("CUSTOM_PROVIDER_BASE_URL is set, so CUSTOM_PROVIDER_MODELS must name at least one model");
	}
	if (
		!hasCustom &&
		(values.CUSTOM_PROVIDER_API_KEY !== undefined || values.CUSTOM_PROVIDER_MODELS.length > 0)
	) {
		problems.push("CUSTOM_PROVIDER_API_KEY and CUSTOM_PROVIDER_MODELS need CUSTOM_PROVIDER_BASE_URL");
	}
}

function toContainers(values: EnvValues): Config["instances"]["containers"] {
	const command = values.INSTANCE_COMMAND?.split(/\s+/).filter((word) => word !== "");
	return {
		socket: values.INSTANCE_ENGINE,
		registries: values.INSTANCE_REGISTRIES.length > 0 ? values.INSTANCE_REGISTRIES : REGISTRIES,
		command,
		subnets: values.INSTANCE_SUBNETS,
		firewall: values.INSTANCE_FIREWALL === "auto" ? undefined : values.INSTANCE_FIREWALL === "on",
		ociRuntime: values.INSTANCE_OCI_RUNTIME,
	};
}

function toTokens(values: EnvValues): readonly string[] {
	return [...new Set([...values.TELEGRAM_BOT_TOKENS, ...values.TELEGRAM_BOT_TOKEN])];
}

function toTelegramMode(values: EnvValues): "webhook" | "polling" {
	if (values.TELEGRAM_MODE !== "auto") return values.TELEGRAM_MODE;
	return canReceiveWebhooks(values.PUBLIC_URL) ? "webhook" : "polling";
}

function canReceiveWebhooks(publicUrl: string | undefined): boolean {
	if (publicUrl === undefined) return false;
	const { protocol, port } = new URL(publicUrl);
	return protocol === "https:" && WEBHOOK_PORTS.has(port);
}

function toProviderKeys(values: EnvValues): Config["providers"]["keys"] {
	const keys: Partial<Record<ProviderKey, string>> = {};
	for (const [provider, name] of Object.entries(PROVIDER_KEYS) as [
		ProviderKey,
		(typeof PROVIDER_KEYS)[ProviderKey],
	][]) {
		const key = values[name];
		if (key !== undefined) keys[provider] = key;
	}
	return keys;
}

function toCustomProvider(values: EnvValues): CustomProvider | undefined {
	if (values.CUSTOM_PROVIDER_BASE_URL === undefined) return undefined;
	return {
		baseUrl: values.CUSTOM_PROVIDER_BASE_URL,
		apiKey: values.CUSTOM_PROVIDER_API_KEY ?? "",
		models: values.CUSTOM_PROVIDER_MODELS,
		region: values.CUSTOM_PROVIDER_REGION,
		dialect: values.CUSTOM_PROVIDER_DIALECT,
		allowPrivateNetwork: values.CUSTOM_PROVIDER_ALLOW_PRIVATE,
	};
}

function toSecrets(values: EnvValues): readonly string[] {
	const passwords = [values.DATABASE_URL, values.REDIS_URL].map((text) =>
		text === undefined ? "" : decodeURIComponent(new URL(text).password),
	);
	const { custom, keys } = {
		custom: values.CUSTOM_PROVIDER_API_KEY ?? "",
		keys: Object.values(toProviderKeys(values)),
	};
	const others = [values.BIND_PEPPER ?? "", values.ALERT_WEBHOOK_SECRET ?? ""];
	const webhook = values.TELEGRAM_WEBHOOK_SECRET ?? [];
	const all = [...passwords, ...toTokens(values), ...webhook, ...others, custom, ...keys];
	return all.filter((secret) => secret !== "");
}
