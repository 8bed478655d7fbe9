import { PROVIDER_KEYS } from "../../core/config.ts";
import type { EnvChanges } from "./env-text.ts";
import type { Answers } from "./read-answers.ts";
import { WizardError } from "./wizard-error.ts";

/** .env can only say what core/config.ts reads. @throws WizardError when it has no words for this provider */
export function assertKeepable({ isAltered, isProxy, preset }: Answers): void {
	if (isProxy)
		throw new WizardError("--env has no words for the proxy; its key is no secret, so leave --env out");
	if (!isAltered) return;
	const why =
		preset === undefined
			? "can only be named custom, and its models have no figures there"
			: "cannot be altered";
	throw new WizardError(`--env: a provider that stands in .env ${why}; leave --env out, or those flags`);
}

/** The variables of a provider. Empty ones count as absent. */
export function toVariables({ seed, preset, cloudruPreset }: Answers, key: string): EnvChanges {
	if (preset === "cloudru") return { [PROVIDER_KEYS.cloudru]: key, CLOUDRU_PRESET: cloudruPreset ?? "" };
	if (preset !== undefined) return { [PROVIDER_KEYS[preset]]: key };
	return {
		CUSTOM_PROVIDER_BASE_URL: seed.baseUrl,
		// A key that was for another host goes with the host, also when none is given for the new one.
		CUSTOM_PROVIDER_API_KEY: key,
		CUSTOM_PROVIDER_MODELS: seed.models.map(({ model }) => model).join(","),
		CUSTOM_PROVIDER_REGION: seed.region,
		CUSTOM_PROVIDER_DIALECT: seed.dialect,
		CUSTOM_PROVIDER_ALLOW_PRIVATE: String(seed.allowPrivateNetwork),
	};
}

/**
 * NAME_FILE beside NAME stops the next start, and its key would go along to whatever address is named now.
 *
 * @throws WizardError when one of them is set
 */
export function assertNoFiles(env: NodeJS.ProcessEnv, variables: EnvChanges): void {
	const file = Object.keys(variables)
		.map((name) => `${name}_FILE`)
		.find((name) => (env[name] ?? "") !== "");
	if (file === undefined) return;
	throw new WizardError(
		`${file} is set and names the file of that key: change the file, or unset ${file} first`,
	);
}

/** What takes a provider out of .env. */
export function toNoVariables(names: readonly string[]): EnvChanges {
	return Object.fromEntries(names.map((name) => [name, ""]));
}
