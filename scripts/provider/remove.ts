import type { Config } from "../../core/config.ts";
import { PROVIDER_KEYS } from "../../core/config.ts";
import { findProviderRow } from "../../core/db/provider-rows.ts";
import { PRESET_KEYS, readPreset } from "../../core/providers/presets.ts";
import { changeProvider } from "./change-provider.ts";
import { toNoVariables } from "./env-variables.ts";
import type { Wizard } from "./wizard.ts";
import { WizardError } from "./wizard-error.ts";

export type RemoveOptions = {
	readonly id: string;
	/** In .env as well. */
	readonly env: boolean;
	/** Nothing is kept that could bring the key back. */
	readonly forGood: boolean;
};

/** Switches a provider off and forgets its key. The environment does not switch it on again. */
export async function remove(wizard: Wizard, { id, env, forGood }: RemoveOptions): Promise<number> {
	const { console, config, folder } = wizard;
	const seen = await findProviderRow(wizard.db, id);
	if (seen === undefined) throw new WizardError(`there is no provider ${id}; list shows them`);
	if (seen.dialect === "demo") {
		throw new WizardError("the demo needs no removal: it is used only while nothing else is on");
	}
	const names = toNames(id);
	const isOff = !seen.enabled && seen.secretId === undefined && seen.managedBy === "admin";
	if (isOff && !env && !forGood) {
		console.say(`Provider ${id} is off and without a key already; nothing was changed.`);
		return 0;
	}
	const { version: _, secretId: __, ...row } = seen;
	const changed = await changeProvider(wizard, {
		...{ what: "remove", providerId: id, seen, isUndoable: !forGood },
		row: { ...row, enabled: false, managedBy: "admin" },
		key: { kind: "none" },
		...(env && { variables: toNoVariables(names) }),
	});
	console.say(`Provider ${id} is off${changed.isKeyForgotten ? ", and its key is forgotten" : ""}.`);
	if (changed.envNames.length > 0) console.say(`Emptied in ${folder}/.env: ${changed.envNames.join(", ")}.`);
	else if (isInEnvironment(config, id)) {
		console.say(
			`Its key still stands in the environment (${names[0]}), where it does nothing; remove --env empties it in .env.`,
		);
	}
	if (!forGood)
		console.say(
			"Take it back with: npm run provider -- rollback (until the next change; it needs the key, which is kept sealed for it)",
		);
	return 0;
}

/** The variables a provider can stand in .env with, that of its key first. */
function toNames(id: string): readonly string[] {
	if (id === "custom")
		return ["CUSTOM_PROVIDER_API_KEY", "CUSTOM_PROVIDER_BASE_URL", "CUSTOM_PROVIDER_MODELS"];
	const preset = PRESET_KEYS.find((key) => readPreset(key).id === id);
	return preset === undefined ? [] : [PROVIDER_KEYS[preset]];
}

function isInEnvironment({ providers }: Config, id: string): boolean {
	if (id === "custom") return providers.custom !== undefined;
	const preset = PRESET_KEYS.find((key) => readPreset(key).id === id);
	return preset !== undefined && providers.keys[preset] !== undefined;
}
