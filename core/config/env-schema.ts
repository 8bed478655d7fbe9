import { isIP } from "node:net";
import * as z from "zod";

/** Variables that hold a secret; each may be given as NAME_FILE, the path of a file that holds it. */
export const SECRET_NAMES = [
	"DATABASE_URL",
	"REDIS_URL",
	"TELEGRAM_BOT_TOKENS",
	"TELEGRAM_BOT_TOKEN",
	"TELEGRAM_WEBHOOK_SECRET",
	"BIND_PEPPER",
	"OPENAI_API_KEY",
	"ANTHROPIC_API_KEY",
	"MOONSHOT_API_KEY",
	"DEEPSEEK_API_KEY",
	"DASHSCOPE_API_KEY",
	"ZHIPU_API_KEY",
	"CLOUDRU_API_KEY",
	"CUSTOM_PROVIDER_API_KEY",
	"ALERT_WEBHOOK_SECRET",
] as const;

/** 32 random bytes in base64url are 43 characters (source: design security, S4). */
const RANDOM = /^[\w-]{43,256}$/;
const RANDOM_WORDS =
	"43 to 256 random characters of A-Z, a-z, 0-9, _ and -; make them with: node -p \"crypto.randomBytes(32).toString('base64url')\"";

const apiKey = z
	.string()
	.regex(/^[\x21-\x7e]+$/, "must be printable ASCII without spaces")
	.optional();

function wholeNumber(min: number, max: number) {
	const words = `must be a whole number from ${min} to ${max}`;
	return z.coerce.number(words).int(words).min(min, words).max(max, words);
}

function whole(min: number, max: number, fallback: number) {
	return wholeNumber(min, max).default(fallback);
}

/** Neither the table of providers nor the log is a place for passwords. */
function plainUrl(...schemes: readonly string[]) {
	return url(...schemes).refine(
		(text) => text === undefined || !hasCredentials(text),
		"must hold no user name and no password",
	);
}

function hasCredentials(text: string): boolean {
	const parsed = URL.parse(text);
	return parsed !== null && (parsed.username !== "" || parsed.password !== "");
}

function url(...schemes: readonly string[]) {
	const words = `must be a URL that begins with ${schemes.map((scheme) => `${scheme}//`).join(" or ")}`;
	return z
		.string()
		.refine((text) => URL.canParse(text) && schemes.includes(new URL(text).protocol), words)
		.optional();
}

function list(item: RegExp, shape: string) {
	return z
		.string()
		.default("")
		.transform(splitList)
		.refine((items) => items.every((entry) => item.test(entry)), `must be ${shape}, parted by commas`);
}

function splitList(text: string): readonly string[] {
	return text
		.split(",")
		.map((entry) => entry.trim())
		.filter((entry) => entry !== "");
}

/** A network of at least two, or an address. Who trusts everybody believes the callers themselves. */
function isBlock(text: string): boolean {
	const [host = "", length, ...rest] = text.split("/");
	const version = isIP(host);
	if (version === 0 || host.includes("%") || rest.length > 0) return false;
	if (length === undefined) return true;
	return /^[1-9]\d{0,2}$/.test(length) && Number(length) <= (version === 4 ? 32 : 128);
}

function isRandom(text: string): boolean {
	return (
		RANDOM.test(text) && new Set(text).size >= 10 && !/sample|example|change|secret|placeholder/i.test(text)
	);
}

function isZone(name: string): boolean {
	try {
		new Intl.DateTimeFormat("en", { timeZone: name });
		return true;
	} catch {
		return false;
	}
}

const tokens = list(/^\d{5,15}:[\w-]{20,}$/, "bot tokens as BotFather gives them");

/** Every variable there is, with its default. A message never repeats the value it is about. */
export const envSchema = z.object({
	DATABASE_URL: url("postgres:", "postgresql:"),
	REDIS_URL: url("redis:", "rediss:"),
	DATA_DIR: z.string().default(".data"),
	HOST: z.string().default("127.0.0.1"),
	PORT: whole(0, 65_535, 8080),
	PUBLIC_URL: plainUrl("http:", "https:"),
	LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
	LOG_FILE: z.string().optional(),
	LANGUAGE_DEFAULT: z.enum(["en", "zh-CN", "ru"]).default("en"),
	ZONE_DEFAULT: z.string().refine(isZone, "must be an IANA time zone such as Europe/Berlin").default("UTC"),
	JOIN_MODE: z.enum(["auto", "invite"]).default("auto"),
	ALERT_WEBHOOK_URL: plainUrl("http:", "https:"),
	ALERT_WEBHOOK_SECRET: apiKey,
	SUPPORT_URL: plainUrl("http:", "https:", "tg:", "mailto:"),
	STAFF: list(/^(telegram|wechat|http|terminal):[^:\s]+:[^:\s]+$/, "platform:botId:userId"),
	TELEGRAM_BOT_TOKENS: tokens,
	TELEGRAM_BOT_TOKEN: tokens,
	TELEGRAM_MODE: z.enum(["auto", "webhook", "polling"]).default("auto"),
	TELEGRAM_WEBHOOK_SECRET: z
		.string()
		.transform(splitList)
		.refine(
			(items) => items.length > 0 && items.length <= 2 && items.every(isRandom),
			`must be ${RANDOM_WORDS}`,
		)
		.optional(),
	TELEGRAM_API_ROOT: plainUrl("http:", "https:"),
	OPENAI_API_KEY: apiKey,
	ANTHROPIC_API_KEY: apiKey,
	MOONSHOT_API_KEY: apiKey,
	DEEPSEEK_API_KEY: apiKey,
	DASHSCOPE_API_KEY: apiKey,
	ZHIPU_API_KEY: apiKey,
	CLOUDRU_API_KEY: apiKey,
	CLOUDRU_PRESET: z.enum(["glm47", "flash", "qwen"]).optional(),
	CUSTOM_PROVIDER_BASE_URL: plainUrl("http:", "https:"),
	CUSTOM_PROVIDER_API_KEY: apiKey,
	CUSTOM_PROVIDER_MODELS: list(/^[\w./:@-]{1,100}$/, "model names"),
	CUSTOM_PROVIDER_REGION: z
		.string()
		.regex(/^[a-z]{2,12}$/, "must be 2 to 12 small letters such as cn or us")
		.default("other"),
	CUSTOM_PROVIDER_DIALECT: z.enum(["openai", "anthropic"]).default("openai"),
	CUSTOM_PROVIDER_ALLOW_PRIVATE: z.stringbool("must be true or false").default(false),
	KEK_FILE: z.string().optional(),
	BIND_PEPPER: z.string().refine(isRandom, `must be ${RANDOM_WORDS}`).optional(),
	TURN_CONCURRENCY: whole(1, 10_000, 200),
	LEASE_TTL_MS: whole(5_000, 600_000, 60_000),
	HISTORY_TOKENS_MAX: whole(0, 1_000_000, 4_000),
	OUTPUT_TOKENS_MAX: whole(16, 1_000_000, 1_024),
	GATEWAY_REQUESTS_PER_MINUTE: whole(1, 100_000_000, 60),
	GATEWAY_CONCURRENCY: whole(1, 1_000_000, 4),
	INSTANCES: z.enum(["auto", "off", "process", "docker"]).default("auto"),
	INSTANCE_RELEASE: z
		.string()
		.regex(
			/^openclaw@\d{1,6}\.\d{1,6}\.\d{1,6}$|^[a-z0-9.:_/-]{0,200}@?sha256:[0-9a-f]{64}$/,
			"must be one exact version such as openclaw@2026.9.6, or with containers an image by its digest",
		)
		.default("openclaw@2026.9.6"),
	INSTANCE_ENGINE: z.string().default("/var/run/docker.sock"),
	INSTANCE_REGISTRIES: list(/^[a-z0-9.-]{1,200}(?::\d{1,5})?$/, "registries such as ghcr.io"),
	INSTANCE_COMMAND: z.string().optional(),
	INSTANCE_SUBNETS: z
		.string()
		.refine(
			(text) => /^[\d.]+\/\d{1,2}$/.test(text) && isBlock(text),
			"must be a network such as 10.213.0.0/16",
		)
		.default("10.213.0.0/16"),
	INSTANCE_FIREWALL: z.enum(["auto", "on", "off"]).default("auto"),
	INSTANCE_OCI_RUNTIME: z
		.string()
		.regex(/^[\w.-]{1,60}$/, "must be a name such as runsc")
		.optional(),
	INSTANCE_REGION: z
		.string()
		.regex(/^[a-z0-9](?:[a-z0-9-]{0,28}[a-z0-9])?$/, "must be a short name such as cn-east")
		.default("home"),
	INSTANCE_GATEWAY_URL: plainUrl("http:", "https:"),
	INSTANCE_WARM: wholeNumber(0, 100).optional(),
	MAX_MANAGED_INSTANCES: whole(1, 100_000, 100),
	TRUSTED_PROXIES: z
		.string()
		.default("")
		.transform(splitList)
		.refine(
			(blocks) => blocks.every(isBlock),
			"must be networks or addresses such as 10.0.0.0/8, parted by commas",
		),
	PROVIDER_CONNECT_TIMEOUT_MS: whole(100, 60_000, 5_000),
	PROVIDER_FIRST_BYTE_TIMEOUT_MS: whole(100, 600_000, 30_000),
	PROVIDER_IDLE_TIMEOUT_MS: whole(100, 600_000, 60_000),
	PROVIDER_TOTAL_TIMEOUT_MS: whole(1_000, 3_600_000, 600_000),
	INBOX_RETENTION_DAYS: whole(1, 3_650, 30),
});

export type EnvValues = z.infer<typeof envSchema>;
