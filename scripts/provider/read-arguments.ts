import { parseArgs } from "node:util";
import { WizardError } from "./wizard-error.ts";

export type AddFlags = {
	readonly preset?: string;
	readonly "base-url"?: string;
	readonly id?: string;
	readonly dialect?: string;
	readonly models?: string;
	readonly region?: string;
	readonly "allow-private"?: boolean;
	readonly "cloudru-preset"?: string;
	readonly "context-tokens"?: string;
	readonly "output-tokens"?: string;
	readonly key?: string;
	readonly "key-file"?: string;
	readonly "no-key"?: boolean;
	readonly env?: boolean;
	readonly force?: boolean;
	readonly timeout?: string;
};

/** One line of the command line, checked as far as that goes without looking anywhere. */
export type Command =
	| { readonly kind: "add"; readonly flags: AddFlags }
	| { readonly kind: "rollback"; readonly force: boolean }
	| { readonly kind: "list" }
	| { readonly kind: "test"; readonly id: string | undefined; readonly timeoutMs: number | undefined }
	| { readonly kind: "remove"; readonly id: string; readonly env: boolean; readonly forGood: boolean }
	| {
			readonly kind: "proxy-compose";
			readonly preset: string;
			readonly out: string | undefined;
			readonly force: boolean;
	  }
	| { readonly kind: "help" };

export const USAGE = `npm run provider -- add             asks for a provider, tries its key with a real call, and stores it
                       --preset openai|anthropic|moonshot|deepseek|dashscope|zhipu|cloudru|proxy
                       --cloudru-preset all|glm47|flash|qwen   which models of Cloud.ru
                       --base-url URL     another address; with --id, --dialect openai|anthropic, --models a,b,
                                          --region xx, --allow-private (own network, plain http)
                       --context-tokens N, --output-tokens N   what its models take in all, and give at most
                       --key-file FILE, --key KEY (others see it), --no-key; else the environment, else a hidden question
                       --env              keeps the key in .env in place of the database
                       --force            stores it although the test call fails
                       --timeout SECONDS  how long the test call may take
npm run provider -- list            all providers, without keys
npm run provider -- test [ID]       a real call to each model of each provider that is on, or of one
npm run provider -- remove ID       switches it off and forgets its key; --env: in .env as well; --for-good: no way back
npm run provider -- rollback        takes the last change back; --force: over what others changed since
npm run provider -- proxy-compose   a hardened compose file for an external claude-code proxy
                       --cloudru-preset glm47|flash|qwen, --out FILE, --force (over a file that is there)`;

/** @throws WizardError that names what is wrong */
export function readArguments(args: readonly string[]): Command {
	const [name = "help", ...rest] = args;
	switch (name) {
		case "add":
			return { kind: "add", flags: readAdd(rest) };
		case "list":
			read(rest, {}, 0);
			return { kind: "list" };
		case "rollback":
			return { kind: "rollback", force: read(rest, { force: FLAG }, 0).values.force === true };
		case "test": {
			const { values, positionals } = read(rest, { timeout: TEXT }, 1);
			return { kind: "test", id: positionals[0], timeoutMs: toTimeoutMs(values.timeout) };
		}
		case "remove": {
			const { values, positionals } = read(rest, { env: FLAG, "for-good": FLAG }, 1);
			const id = positionals[0];
			if (id === undefined) throw new WizardError("remove needs the id of a provider; list shows them");
			return { kind: "remove", id, env: values.env === true, forGood: values["for-good"] === true };
		}
		case "proxy-compose": {
			const { values } = read(rest, { "cloudru-preset": TEXT, out: TEXT, force: FLAG }, 0);
			const { out, force = false } = values;
			return { kind: "proxy-compose", preset: values["cloudru-preset"] ?? "glm47", out, force };
		}
		case "help":
		case "--help":
			return { kind: "help" };
		default:
			throw new WizardError(
				`there is no command ${name}; there are add, rollback, list, test, remove, proxy-compose`,
			);
	}
}

/** @throws WizardError when it is no number of seconds */
export function toTimeoutMs(text: string | undefined): number | undefined {
	if (text === undefined) return undefined;
	const seconds = Number(text);
	if (!(seconds >= 0.1 && seconds <= 600)) throw new WizardError("--timeout must be 0.1 to 600 seconds");
	return Math.round(seconds * 1_000);
}

const TEXT = { type: "string" } as const;
const FLAG = { type: "boolean" } as const;

function readAdd(args: readonly string[]): AddFlags {
	return read(
		args,
		{
			...{ preset: TEXT, "base-url": TEXT, id: TEXT, dialect: TEXT, models: TEXT, region: TEXT },
			...{ "allow-private": FLAG, "cloudru-preset": TEXT, "context-tokens": TEXT, "output-tokens": TEXT },
			...{ key: TEXT, "key-file": TEXT, "no-key": FLAG },
			...{ env: FLAG, force: FLAG, timeout: TEXT },
		},
		0,
	).values;
}

type Options = Record<string, typeof TEXT | typeof FLAG>;

function read<Shape extends Options>(args: readonly string[], options: Shape, positionalsMax: number) {
	try {
		const parsed = parseArgs({
			args: [...args],
			options,
			allowPositionals: positionalsMax > 0,
			strict: true,
		});
		if (parsed.positionals.length > positionalsMax)
			throw new WizardError("too many words; --help shows the usage");
		return parsed;
	} catch (error) {
		if (error instanceof WizardError) throw error;
		// Node's words may repeat an argument, which may be a key that was put in the wrong place.
		const { code } = error as NodeJS.ErrnoException;
		const why =
			code === "ERR_PARSE_ARGS_UNKNOWN_OPTION"
				? "an option that there is not"
				: "an option without its value, or a word too many";
		throw new WizardError(`the command has ${why}; --help shows the usage`);
	}
}
