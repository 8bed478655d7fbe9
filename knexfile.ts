import type { Knex } from "knex";
import { toKnexConfig } from "./core/db/connect.ts";
import { migrationSource } from "./core/db/migrations.ts";

/** Read by the knex command line, which wants a default export. Rockpool itself migrates by scripts/migrate.ts. */
const config: Knex.Config = {
	...toKnexConfig(process.env["DATABASE_URL"] ?? "postgres://postgres@127.0.0.1:5432/rockpool", {
		poolMax: 2,
	}),
	migrations: { migrationSource },
};

export default config;
