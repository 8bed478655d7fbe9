import { createSecretIndex } from "./secret-index.ts";

export type Scrubber = {
	/** From now on this value is blacked out wherever it appears. */
	readonly registerSecret: (value: string) => void;
	/** The text without anything that is or looks like a secret. The form of JSON lines is kept. */
	readonly scrub: (text: string) => string;
};

const MASK = "[redacted]";

/** Names whose string values are never shown, as JSON keys and in key=value text. Counts such as inputTokens are numbers. */
const NAME =
	"[\\w.-]{0,40}(?:password|passwd|passphrase|secret|token|api[_-]?key|apikey|authorization|cookie|pepper|credential|private[_-]?key|signature)[\\w.-]{0,40}";
/** A quote in JSON that stands in JSON, up to five levels deep. */
const ESCAPED_QUOTE = '\\\\{1,31}"';

/** [pattern, replacement]; each is linear in the length of the text. Sources: design security S37, vendors' key forms. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
	// "name":"value" and "name":["value", ...] in JSON
	[new RegExp(`("${NAME}"\\s*:\\s*)"(?:[^"\\\\]|\\\\.)*"`, "gi"), `$1"${MASK}"`],
	[new RegExp(`("${NAME}"\\s*:\\s*)\\[(?:[^[\\]"]|"(?:[^"\\\\]|\\\\.)*")*\\]`, "gi"), `$1["${MASK}"]`],
	// the same inside a JSON string; bounded, for a run of backslashes would cost its square
	[
		new RegExp(
			`(${ESCAPED_QUOTE}${NAME}${ESCAPED_QUOTE}\\s*:\\s*${ESCAPED_QUOTE})(?:(?!${ESCAPED_QUOTE}).)*`,
			"gi",
		),
		`$1${MASK}`,
	],
	// name=value in URLs, connection strings and command lines
	[new RegExp(`\\b(${NAME}=)[^\\s&"'\\\\,;]+`, "gi"), `$1${MASK}`],
	// Authorization: Bearer value
	[/\b(bearer|basic|x-api-key:?|x-telegram-bot-api-secret-token:?)(\s+)[\w.~+/=:-]{6,}/gi, `$1$2${MASK}`],
	// scheme://user:password@host
	[/\b([a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@"'\\]{0,200}:)[^\s@"'\\]{1,400}@/gi, `$1${MASK}@`],
	// bot tokens, also inside Bot API URLs
	[/\d{8,12}(?::|%3A)[\w-]{30,}/gi, MASK],
	// our own keys; keys of model providers
	[/\brp_[a-z0-9]{8}_[\w-]{20,}/g, MASK],
	[/\bsk-[\w-]{16,}/g, MASK],
	// JSON Web Tokens
	[/\beyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*/g, MASK],
	// PEM
	[/-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^-]*(?:-----END [A-Z ]{0,40}PRIVATE KEY-----)?/g, MASK],
];

/** Blacks out by name, by value and by pattern. Values come from parseConfig and from the secret store. */
export function createScrubber(secrets: readonly string[] = []): Scrubber {
	const known = createSecretIndex(MASK);
	for (const secret of secrets) known.add(secret);
	return {
		registerSecret: known.add,
		scrub: (text) => {
			let clean = known.blackOut(text);
			for (const [pattern, replacement] of PATTERNS) clean = clean.replace(pattern, replacement);
			return clean;
		},
	};
}
