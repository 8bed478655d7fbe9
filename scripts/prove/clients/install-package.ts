import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { startChild } from "./run-child.ts";

export type Installed =
	| {
			readonly kind: "installed";
			readonly directory: string;
			readonly version: string;
			readonly seconds: number;
	  }
	/** Nothing is said about the gateway then. */
	| { readonly kind: "unreachable"; readonly why: string }
	| { readonly kind: "failed"; readonly why: string };

export type InstallOptions = {
	readonly directory: string;
	readonly boundMs: number;
	/** Else the one npm is set up with. */
	readonly registry?: string;
};

const SAID_MAX = 400;
const UNREACHABLE =
	/E(?:NOTFOUND|CONNREFUSED|CONNRESET|TIMEDOUT|AI_AGAIN|HOSTUNREACH|NETUNREACH)|network|ERR_SOCKET/;

/** A package as a person gets it, in a folder of its own and never among our dependencies. */
export async function installPackage(
	{ name, version }: { readonly name: string; readonly version: string },
	{ directory, boundMs, registry }: InstallOptions,
): Promise<Installed> {
	await mkdir(directory, { recursive: true });
	await writeFile(join(directory, "package.json"), JSON.stringify({ private: true }));
	const npm = startChild(
		"npm",
		[
			...["install", `${name}@${version}`, "--no-audit", "--no-fund", "--fetch-retries=1"],
			...(registry === undefined ? [] : [`--registry=${registry}`]),
		],
		{ cwd: directory, boundMs, env: toNpmEnvironment(process.env) },
	);
	const { ended, said, ms } = await npm.result;
	if (ended !== 0) {
		const why = `npm ended with ${ended}: ${said.slice(-SAID_MAX)}`;
		return { kind: ended === "late" || UNREACHABLE.test(said) ? "unreachable" : "failed", why };
	}
	const home = join(directory, "node_modules", name);
	const { version: found } = JSON.parse(await readFile(join(home, "package.json"), "utf8")) as {
		version: string;
	};
	return { kind: "installed", directory, version: found, seconds: Math.round(ms / 1_000) };
}

/** Packages ask which Node installs them; npm needs its own settings, a person's way out to the network included. */
function toNpmEnvironment(env: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
	const kept = Object.entries(env).filter(([key]) =>
		/^(?:HOME|LANG|npm_config_.*|https?_proxy|no_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE)$/i.test(key),
	);
	return { ...(Object.fromEntries(kept) as Record<string, string>), PATH: toNodePath() };
}

/** The Node of this program before the system's own. */
export function toNodePath(): string {
	return `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`;
}
