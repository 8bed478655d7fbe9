import type { ProviderRow } from "../../core/db/provider-rows.ts";
import { listProviderRows } from "../../core/db/provider-rows.ts";
import type { HealthProbe } from "../../core/egress/health-probe.ts";
import { createHealthProbe } from "../../core/egress/health-probe.ts";
import { tryModels } from "./try-models.ts";
import type { Wizard } from "./wizard.ts";
import { WizardError } from "./wizard-error.ts";

export type TestOptions = { readonly id: string | undefined; readonly timeoutMs: number | undefined };

/** A real call to each model, with the stored key, to the stored address. 1 when a provider does not work. */
export async function testProviders(wizard: Wizard, { id, timeoutMs }: TestOptions): Promise<number> {
	const { console } = wizard;
	const rows = (await listProviderRows(wizard.db)).filter(({ dialect }) => dialect !== "demo");
	const chosen = rows.filter((row) => (id === undefined ? row.enabled : row.id === id));
	if (chosen.length === 0) {
		throw new WizardError(
			id === undefined
				? "there is no provider that is on; add one first"
				: `there is no provider ${id}; list shows them`,
		);
	}
	const probe = createHealthProbe({ egress: wizard.egress });
	let failed = 0;
	for (const row of chosen) {
		console.say(`${row.id} at ${row.baseUrl}${row.enabled ? "" : " (off)"}:`);
		if (!(await testOne(wizard, row, { timeoutMs, probe }))) failed += 1;
	}
	console.say(failed === 0 ? `All ${chosen.length} work.` : `${failed} of ${chosen.length} do not work.`);
	return failed === 0 ? 0 : 1;
}

async function testOne(
	wizard: Wizard,
	row: ProviderRow,
	options: { readonly timeoutMs: number | undefined; readonly probe: HealthProbe },
): Promise<boolean> {
	const apiKey =
		row.secretId === undefined
			? ""
			: await wizard
					.secretsOver(wizard.db)
					.get(row.secretId)
					.catch(() => undefined);
	if (apiKey === undefined) {
		wizard.console.say(
			"  its key cannot be read: is KEK_FILE the one it was stored with? Give the key again with add",
		);
		return false;
	}
	const models = row.models
		.filter(({ enabled, kind }) => enabled && kind === "chat")
		.map(({ model }) => model);
	return (await tryModels(wizard, { ...row, models, apiKey, ...options })).works;
}
