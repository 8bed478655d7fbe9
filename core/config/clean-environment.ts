import { SECRET_NAMES } from "./env-schema.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** What a child process that runs an agent must not get (source: contract, "Cloud.ru Foundation Models"). */
const VENDOR_KEYS = [
	"ANTHROPIC_API_KEY",
	"ANTHROPIC_API_KEY_OLD",
	"OPENAI_API_KEY",
	"GOOGLE_API_KEY",
	"GEMINI_API_KEY",
	"AWS_SECRET_ACCESS_KEY",
	"AZURE_OPENAI_API_KEY",
	"CLOUDRU_API_KEY",
] as const;

/** The keys of our own providers are as much a vendor's as those above. */
const OWN_KEYS = SECRET_NAMES.filter((name) => name.endsWith("_API_KEY"));

/**
 * A copy of an environment for a child process, without any key of a model vendor; neither as the variable itself nor as
 * NAME_FILE, the path of a file that holds it. Names are compared without case, as some systems look them up that way.
 *
 * @param extra further names to leave out
 */
export function cleanEnvironment(env: Environment, extra: readonly string[] = []): Record<string, string> {
	const refused = new Set(
		[...VENDOR_KEYS, ...OWN_KEYS, ...extra].flatMap((name) => [
			name.toUpperCase(),
			`${name.toUpperCase()}_FILE`,
		]),
	);
	const clean: Record<string, string> = {};
	for (const [name, value] of Object.entries(env)) {
		if (value !== undefined && !refused.has(name.toUpperCase())) clean[name] = value;
	}
	return clean;
}
