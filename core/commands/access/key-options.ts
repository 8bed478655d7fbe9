import { z } from "zod";
import type { GatewayTier, KeyTerms } from "../../gateway/key-grant.ts";
import { toCidr } from "../../gateway/keys/networks.ts";
import { MICRO } from "../../ledger/ledger.ts";

/** Of a name; what is longer is cut off. */
const LABEL_LENGTH_MAX = 60;
const TOKENS_MAX = 1_000_000_000;
const DAYS_MAX = 3_650;
const DAY_MS = 86_400_000;
const LIST_MAX = 50;
const YES = ["yes", "true", "1", "да", "是"];
const NO = ["no", "false", "0", "нет", "否"];

const TIERS = ["auto", "smart", "economy", "china-ready", "opus", "sonnet", "haiku", "exact"] as const;

/** "50000", "50,000", "50_000", "50k", "2m". */
const tokens = z
	.string()
	.regex(/^\d{1,10}(?:[,_]\d{3}){0,3}[km]?$/)
	.transform((text) => {
		const scale = text.endsWith("k") ? 1_000 : text.endsWith("m") ? 1_000_000 : 1;
		return Number(text.replace(/[,_km]/g, "")) * scale;
	})
	.pipe(z.number().int().min(1).max(TOKENS_MAX))
	.transform((whole) => whole * MICRO);

const list = z
	.string()
	.transform((text) => [...new Set(text.split(",").filter((item) => item !== ""))])
	.pipe(z.array(z.string()).min(1).max(LIST_MAX));

/** What can be written behind "/key new", by its name in lower case without dashes. */
const OPTIONS = {
	cap: tokens.transform((dailyCapMicro) => ({ dailyCapMicro })),
	idle: tokens.transform((idleCapMicro) => ({ idleCapMicro })),
	tiers: list.pipe(z.array(z.enum(TIERS))).transform((tiers: readonly GatewayTier[]) => ({ tiers })),
	networks: list
		.pipe(z.array(z.string().refine((text) => toCidr(text) !== undefined)))
		.transform((networks) => ({ networks })),
	days: z
		.string()
		.regex(/^\d{1,4}$/)
		.transform(Number)
		.pipe(z.number().min(1).max(DAYS_MAX))
		.transform((days) => ({ days })),
	source: z
		.string()
		.transform((text) => text.replace("-", "_"))
		.pipe(z.enum(["chat", "heartbeat", "cron", "sub_agent", "api"]))
		.transform((source) => ({ source })),
	maynamesource: z
		.enum([...YES, ...NO])
		.transform((word) => (YES.includes(word) ? { mayNameSource: true } : {})),
} as const;

export type KeyOption = keyof typeof OPTIONS;

export type KeyWish =
	| { readonly kind: "wish"; readonly label: string | undefined; readonly limits: KeyTerms }
	/** option: whose value is wrong; undefined: there is no such option, or it was given twice. */
	| { readonly kind: "wrong"; readonly written: string; readonly option: KeyOption | undefined };

/** A name and any number of option=value, in any order. `now`: what days are counted from. */
export function parseKeyWish(words: readonly string[], now: Date): KeyWish {
	const names: string[] = [];
	const given = new Map<KeyOption, object>();
	for (const word of joinLists(words)) {
		const [, written = "", value = ""] = /^([^=]+)=(.*)$/su.exec(word.normalize("NFKC")) ?? [];
		if (written === "") {
			names.push(word);
			continue;
		}
		const option = findOption(written);
		if (option === undefined || given.has(option)) return { kind: "wrong", written: word, option: undefined };
		const parsed = OPTIONS[option].safeParse(value.toLowerCase());
		if (!parsed.success) return { kind: "wrong", written: word, option };
		given.set(option, parsed.data);
	}
	const { days, ...limits }: KeyTerms & { readonly days?: number } = Object.assign({}, ...given.values());
	const expiresAt = days === undefined ? {} : { expiresAt: new Date(now.getTime() + days * DAY_MS) };
	return { kind: "wish", label: toLabel(names), limits: { ...limits, ...expiresAt } };
}

/** "tiers=economy, haiku" is one option. */
function joinLists(words: readonly string[]): readonly string[] {
	const joined: string[] = [];
	for (const word of words) {
		const last = joined.at(-1);
		if (last !== undefined && /=.*[,，]$/su.test(last)) joined[joined.length - 1] = `${last}${word}`;
		else joined.push(word);
	}
	return joined;
}

function findOption(written: string): KeyOption | undefined {
	const name = written.toLowerCase().replace(/[-_]/g, "");
	return Object.hasOwn(OPTIONS, name) ? (name as KeyOption) : undefined;
}

/** One line without control characters, or none. */
function toLabel(words: readonly string[]): string | undefined {
	const text = words.join(" ").replace(/\p{C}/gu, "");
	const label = [...text].slice(0, LABEL_LENGTH_MAX).join("").trim();
	return label === "" ? undefined : label;
}
