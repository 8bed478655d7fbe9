import type { ProviderModelRow, ProviderRow } from "../../core/db/provider-rows.ts";
import { findProviderRow } from "../../core/db/provider-rows.ts";
import { createHealthProbe } from "../../core/egress/health-probe.ts";
import type { ProviderChange, ProviderChanged } from "./change-provider.ts";
import { changeProvider } from "./change-provider.ts";
import type { ChosenKey } from "./choose-key.ts";
import { chooseKey, isSameOrigin } from "./choose-key.ts";
import { assertKeepable, assertNoFiles, toVariables } from "./env-variables.ts";
import type { Answers } from "./read-answers.ts";
import { readAnswers } from "./read-answers.ts";
import type { AddFlags } from "./read-arguments.ts";
import { toTimeoutMs } from "./read-arguments.ts";
import { tryModels } from "./try-models.ts";
import type { Wizard } from "./wizard.ts";
import { WizardError } from "./wizard-error.ts";

const LIMITS = { requestsPerMinute: 600, tokensPerMinute: 2_000_000, concurrency: 64 };

/** Asks, tries with a real call, stores, and says what it changed. A call that fails stores nothing, unless it is forced. */
export async function add(wizard: Wizard, flags: AddFlags): Promise<number> {
	const { console, db } = wizard;
	const timeoutMs = toTimeoutMs(flags.timeout);
	const answers = await readAnswers(flags, console);
	if (flags.env === true) assertKeepable(answers);
	const seen = await findProviderRow(db, answers.seed.id);
	const key = await chooseKey(wizard, flags, answers, seen);
	wizard.registerSecret(key.value);
	if (key.from === "--key")
		console.say("Note: others on this machine can see --key in the list of processes; --key-file is safer.");
	// A chat would not be answered by a model that only embeds.
	const models = answers.seed.models.filter(({ kind }) => kind !== "embedding").map(({ model }) => model);
	console.say(`Trying ${answers.seed.id} at ${answers.seed.baseUrl}, key from ${key.from}:`);
	const probe = createHealthProbe({ egress: wizard.egress });
	const tried = await tryModels(wizard, { ...answers.seed, models, apiKey: key.value, timeoutMs, probe });
	if (!tried.works && flags.force !== true) {
		throw new WizardError("the test call failed, so nothing was stored; --force stores it all the same");
	}
	// A provider that does not work at all says nothing about single models.
	const unknown = tried.works ? tried.unknown : [];
	if (flags.env === true) return await keepInEnv(wizard, answers, key, { seen, unknown });
	return await keepInDatabase(wizard, answers, key, { seen, unknown });
}

type Findings = { readonly seen: ProviderRow | undefined; readonly unknown: readonly string[] };

async function keepInDatabase(
	wizard: Wizard,
	answers: Answers,
	key: ChosenKey,
	{ seen, unknown }: Findings,
): Promise<number> {
	const { seed } = answers;
	const { console } = wizard;
	const models = seed.models.filter(({ model }) => !unknown.includes(model));
	const change: ProviderChange = {
		...{ what: "add", providerId: seed.id, seen, isUndoable: true },
		row: {
			...{ ...LIMITS, ...(seen !== undefined && toLimits(seen)) },
			...{ id: seed.id, dialect: seed.dialect, baseUrl: seed.baseUrl, region: seed.region },
			...{ allowPrivateNetwork: seed.allowPrivateNetwork, enabled: true, managedBy: "admin" },
			models: models.map((model) => ({ ...toModelRow(model, seen), ...answers.sizes })),
		},
		key: toKeyChange(key),
	};
	const changed = await changeProvider(wizard, change);
	console.say(
		`${seen === undefined ? "Added" : "Changed"} provider ${seed.id}: on, region ${seed.region}, ${models.length} model(s).`,
	);
	console.say(toKeyWords(key, seen, seed.baseUrl, changed));
	if (unknown.length > 0) console.say(`Left out, as this key cannot use them: ${unknown.join(", ")}.`);
	console.say("Nodes that run use it within 5 seconds. Take it back with: npm run provider -- rollback");
	return 0;
}

/** The row is handed back to the environment, which writes it at the next start. */
async function keepInEnv(
	wizard: Wizard,
	answers: Answers,
	key: ChosenKey,
	{ seen, unknown }: Findings,
): Promise<number> {
	const { console, folder } = wizard;
	const { version: _, secretId: __, ...row } = seen ?? { version: 0, secretId: undefined };
	const variables = toVariables(answers, key.value);
	assertNoFiles(wizard.env, variables);
	const isHandedBack = "managedBy" in row && row.managedBy === "admin";
	// S26: what is stored was for the host it was stored with, and so it stays until the next start.
	const changed = await changeProvider(wizard, {
		...{ what: "add", providerId: answers.seed.id, seen, isUndoable: true },
		...(isHandedBack && { row: { ...row, managedBy: "env" as const } }),
		key: { kind: "keep" },
		variables,
	});
	const names = changed.envNames;
	console.say(
		names.length === 0
			? `${folder}/.env says so already; nothing was changed there.`
			: `Set in ${folder}/.env: ${names.join(", ")}.`,
	);
	if (changed.isIgnoreAdded) console.say(`Added .env to ${folder}/.gitignore.`);
	for (const name of changed.overriddenNames) {
		console.say(`Note: ${name} is also set where this was started, and that counts more than .env.`);
	}
	if (isHandedBack) console.say(`Provider ${answers.seed.id} follows the environment again.`);
	if (unknown.length > 0) console.say(`Note: this key cannot use ${unknown.join(", ")}.`);
	console.say("It counts from the next start on. Take it back with: npm run provider -- rollback");
	return 0;
}

function toKeyChange(key: ChosenKey): ProviderChange["key"] {
	if (key.isStored) return { kind: "keep" };
	return key.value === "" ? { kind: "none" } : { kind: "set", value: key.value };
}

function toKeyWords(
	key: ChosenKey,
	seen: ProviderRow | undefined,
	baseUrl: string,
	{ isKeyForgotten }: ProviderChanged,
): string {
	if (key.isStored) return "Its stored key stays.";
	const isElsewhere = seen !== undefined && !isSameOrigin(seen.baseUrl, baseUrl);
	const former = isKeyForgotten
		? ` The key it had${isElsewhere ? ` for ${seen.baseUrl}` : ""} is no longer in use.`
		: "";
	return `${key.value === "" ? "It has no key." : "Its key is stored encrypted."}${former}`;
}

function toLimits({ requestsPerMinute, tokensPerMinute, concurrency }: ProviderRow): typeof LIMITS {
	return { requestsPerMinute, tokensPerMinute, concurrency };
}

/** Figures somebody tuned by hand stay. */
function toModelRow(
	model: Answers["seed"]["models"][number],
	seen: ProviderRow | undefined,
): ProviderModelRow {
	const known = seen?.models.find((row) => row.model === model.model);
	return { weightMicro: 1_000_000, kind: "chat", ...model, ...known, enabled: true };
}
