import { readFileSync } from "node:fs";
import type { EnvValues } from "./env-schema.ts";
import { envSchema, SECRET_NAMES } from "./env-schema.ts";

export type Env = Readonly<Record<string, string | undefined>>;

/** Empty ones would switch a defence off, so they are no other word for absent. */
const NEVER_EMPTY = new Set(["TELEGRAM_WEBHOOK_SECRET", "BIND_PEPPER"]);

/** The variables by name, checked one by one. Adds what is wrong to `problems`, never with a value. */
export function readEnv(env: Env, problems: string[]): EnvValues | undefined {
	const given: Record<string, string> = {};
	for (const name of Object.keys(envSchema.shape)) {
		const text = env[name];
		if (text !== undefined && (text.trim() !== "" || NEVER_EMPTY.has(name))) given[name] = text.trim();
	}
	for (const name of SECRET_NAMES) {
		const path = env[`${name}_FILE`];
		if (path === undefined || path.trim() === "") continue;
		if (given[name] !== undefined) problems.push(`${name} and ${name}_FILE are both set; keep one of them`);
		else readSecret(name, path.trim(), given, problems);
	}
	const parsed = envSchema.safeParse(given);
	if (parsed.success) return parsed.data;
	for (const issue of parsed.error.issues) problems.push(`${issue.path.join(".")} ${toWords(issue.message)}`);
	return undefined;
}

function readSecret(name: string, path: string, given: Record<string, string>, problems: string[]): void {
	try {
		const text = readFileSync(path, "utf8").trim();
		if (text === "") problems.push(`${name}_FILE names an empty file: ${path}`);
		else given[name] = text;
	} catch (error) {
		problems.push(
			`${name}_FILE cannot be read: ${path} (${(error as NodeJS.ErrnoException).code ?? "unknown"})`,
		);
	}
}

function toWords(message: string): string {
	return message.startsWith("must ") ? message : `is wrong: ${message}`;
}
