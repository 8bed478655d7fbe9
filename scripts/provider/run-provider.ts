import { ConfigError } from "../../core/config.ts";
import { createScrubber } from "../../core/log/scrubber.ts";
import { toReason } from "../compose/explain.ts";
import { add } from "./add.ts";
import { listProviders } from "./list-providers.ts";
import type { Command } from "./read-arguments.ts";
import { readArguments, USAGE } from "./read-arguments.ts";
import { remove } from "./remove.ts";
import { rollback } from "./rollback.ts";
import { testProviders } from "./test-providers.ts";
import type { Surroundings, Wizard } from "./wizard.ts";
import { withWizard } from "./wizard.ts";
import { WizardError } from "./wizard-error.ts";
import { writeCompose } from "./write-compose.ts";

/** One command of the wizard. The answer is the exit code; a failure is one line that says what to do. */
export async function runProvider(
	args: readonly string[],
	surroundings: Surroundings,
	errors: NodeJS.WritableStream,
): Promise<number> {
	try {
		return await runCommand(readArguments(args), surroundings);
	} catch (error) {
		errors.write(`${toWords(error)}\n`);
		return 1;
	}
}

async function runCommand(command: Command, surroundings: Surroundings): Promise<number> {
	const { output } = surroundings.streams;
	switch (command.kind) {
		case "help":
			output.write(`${USAGE}\n`);
			return 0;
		case "proxy-compose":
			return await writeCompose(command, output);
		default:
			return await withWizard(surroundings, async (wizard) => await runOver(wizard, command));
	}
}

async function runOver(
	wizard: Wizard,
	command: Exclude<Command, { readonly kind: "help" | "proxy-compose" }>,
): Promise<number> {
	switch (command.kind) {
		case "add":
			return await add(wizard, command.flags);
		case "list":
			return await listProviders(wizard);
		case "test":
			return await testProviders(wizard, command);
		case "remove":
			return await remove(wizard, command);
		case "rollback":
			return await rollback(wizard, command);
	}
}

function toWords(error: unknown): string {
	if (error instanceof WizardError) return `Not done: ${error.message}.`;
	// The words of a driver or a library may hold what was given to it.
	return error instanceof ConfigError
		? error.message
		: `Not done: ${createScrubber().scrub(toReason(error))}`;
}
