import { writeFile } from "node:fs/promises";
import { toProxyCompose } from "./proxy.ts";
import { toCloudruPreset } from "./read-answers.ts";
import { WizardError } from "./wizard-error.ts";

export type ComposeOptions = {
	readonly preset: string;
	readonly out: string | undefined;
	readonly force: boolean;
};

/** Prints the compose file of the external proxy, or writes it. @throws WizardError when a file is in the way */
export async function writeCompose(
	{ preset, out, force }: ComposeOptions,
	output: NodeJS.WritableStream,
): Promise<number> {
	const text = toProxyCompose(toCloudruPreset(preset));
	if (out === undefined) {
		output.write(text);
		return 0;
	}
	try {
		await writeFile(out, text, { flag: force ? "w" : "wx" });
	} catch (error) {
		const { code = "unknown" } = error as NodeJS.ErrnoException;
		if (code === "EEXIST") throw new WizardError(`${out} is there already; --force writes over it`);
		throw new WizardError(`${out} cannot be written (${code})`);
	}
	output.write(`Wrote ${out}. Start it with: docker compose -f ${out} up -d\n`);
	return 0;
}
