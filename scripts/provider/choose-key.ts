import { readFile } from "node:fs/promises";
import type { Config } from "../../core/config.ts";
import { PROVIDER_KEYS } from "../../core/config.ts";
import type { ProviderRow } from "../../core/db/provider-rows.ts";
import { readPreset } from "../../core/providers/presets.ts";
import { PROXY } from "./proxy.ts";
import type { Answers } from "./read-answers.ts";
import type { AddFlags } from "./read-arguments.ts";
import type { Wizard } from "./wizard.ts";
import { WizardError } from "./wizard-error.ts";

export type ChosenKey = {
	/** Empty: the provider asks for none. */
	readonly value: string;
	/** For the operator: where it came from. */
	readonly from: string;
	/** The one in the database already. */
	readonly isStored: boolean;
};

const KEY = /^[\x21-\x7e]{1,4096}$/;

/**
 * From the flags, else the environment, else what is stored, else asked for. The last two know which host a key is for: neither a
 * stored key nor one of the environment ever goes to another (S26).
 *
 * @throws WizardError when there is none where one is needed, or it is none
 */
export async function chooseKey(
	wizard: Wizard,
	flags: AddFlags,
	answers: Answers,
	existing: ProviderRow | undefined,
): Promise<ChosenKey> {
	const given = await readGiven(flags, answers);
	if (given !== undefined) return given;
	const fromEnv = findInEnvironment(wizard, answers);
	if (fromEnv !== undefined) return fromEnv;
	const stored = await findStored(wizard, answers, existing);
	// Where somebody can answer, a stored key may be the one to be changed.
	if (stored !== undefined && !wizard.console.isTty) return stored;
	return await askForKey(wizard, answers, stored);
}

/** A key goes with scheme, host and port. */
export function isSameOrigin(one: string, other: string): boolean {
	return URL.parse(one)?.origin === URL.parse(other)?.origin;
}

/** The variable that holds the key of this provider, where it can come from the environment. */
export function toKeyVariable({ preset, isProxy }: Answers): string | undefined {
	if (isProxy) return undefined;
	return preset === undefined ? "CUSTOM_PROVIDER_API_KEY" : PROVIDER_KEYS[preset];
}

async function readGiven(flags: AddFlags, { isProxy }: Answers): Promise<ChosenKey | undefined> {
	const ways = [flags.key !== undefined, flags["key-file"] !== undefined, flags["no-key"] === true];
	if (ways.filter(Boolean).length > 1) throw new WizardError("give one of --key, --key-file and --no-key");
	if (flags["no-key"] === true) return { value: "", from: "none", isStored: false };
	if (flags.key !== undefined) return { value: toKey(flags.key, "--key"), from: "--key", isStored: false };
	if (flags["key-file"] !== undefined) {
		const path = flags["key-file"];
		const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
			throw new WizardError(`--key-file cannot be read: ${path} (${error.code ?? "unknown"})`);
		});
		return { value: toKey(text.trim(), "--key-file"), from: "--key-file", isStored: false };
	}
	if (isProxy) return { value: PROXY.clientKey, from: "the proxy's own", isStored: false };
	return undefined;
}

function findInEnvironment({ config, console }: Wizard, answers: Answers): ChosenKey | undefined {
	const variable = toKeyVariable(answers);
	const { value, home } = readEnvironment(config, answers);
	if (variable === undefined || value === undefined || home === undefined) return undefined;
	if (isSameOrigin(home, answers.seed.baseUrl)) return { value, from: variable, isStored: false };
	console.say(`${variable} is not used here: it is for ${home}, and must not travel to another address.`);
	return undefined;
}

function readEnvironment({ providers }: Config, { preset }: Answers) {
	if (preset !== undefined) return { value: providers.keys[preset], home: readPreset(preset).baseUrl };
	const { custom } = providers;
	return { value: custom?.apiKey === "" ? undefined : custom?.apiKey, home: custom?.baseUrl };
}

async function findStored(
	{ console, db, secretsOver }: Wizard,
	{ seed }: Answers,
	existing: ProviderRow | undefined,
): Promise<ChosenKey | undefined> {
	if (existing?.secretId === undefined) return undefined;
	if (!isSameOrigin(existing.baseUrl, seed.baseUrl)) {
		console.say(
			`The stored key of ${seed.id} is for ${existing.baseUrl}: it is not sent to the new address.`,
		);
		return undefined;
	}
	const value = await secretsOver(db)
		.get(existing.secretId)
		.catch(() => undefined);
	if (value === undefined)
		console.say(`The stored key of ${seed.id} cannot be read, so a new one is needed.`);
	return value === undefined ? undefined : { value, from: "the database, as stored", isStored: true };
}

async function askForKey(
	{ console }: Wizard,
	answers: Answers,
	stored: ChosenKey | undefined,
): Promise<ChosenKey> {
	const mayBeNone = answers.preset === undefined;
	const none: ChosenKey = { value: "", from: "none", isStored: false };
	const whenEmpty = stored ?? (mayBeNone ? none : undefined);
	const hint =
		stored !== undefined ? "; empty: keep the stored one" : mayBeNone ? "; empty: it needs none" : "";
	const variable = mayBeNone ? ", --no-key" : ` or ${toKeyVariable(answers)} in the environment`;
	const text = `Key of ${answers.seed.id} (it is not shown${hint})`;
	const value = await console.askHidden({ text, flag: `--key-file FILE${variable}` });
	if (value === "" && whenEmpty !== undefined) return whenEmpty;
	return { value: toKey(value, "that"), from: "your answer", isStored: false };
}

/** @throws WizardError, without the value */
function toKey(text: string, what: string): string {
	if (KEY.test(text)) return text;
	throw new WizardError(`${what} is no key: it must be 1 to 4096 printable characters without spaces`);
}
