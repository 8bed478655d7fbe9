import { join } from "node:path";
import { parseArgs } from "node:util";
import { parseConfig } from "../core/config.ts";
import { createDb } from "../core/db/connect.ts";
import { startEmbeddedPostgres } from "../core/db/embedded-postgres.ts";
import { createSecrets } from "../core/secrets/create-secrets.ts";
import { addNextKey, readKeyRing } from "../core/secrets/key-files.ts";

/**
 * `npm run rotate-keys`: wraps every data key with the newest key file. With --add it makes that file first (a single node; with
 * several, put the new file on each of them before). Running nodes go on and read the new file by themselves.
 */
const { values } = parseArgs({ options: { add: { type: "boolean", default: false } } });
const config = parseConfig(process.env);
if (values.add) console.log(`made ${await addNextKey(config.kekPath)}`);
const embedded =
	config.databaseUrl === undefined
		? await startEmbeddedPostgres({ dataDir: join(config.dataDir, "postgres") })
		: undefined;
const db = createDb(config.databaseUrl ?? embedded?.url ?? "", { poolMax: 2 });
try {
	const secrets = createSecrets({
		db,
		readKeys: async () => await readKeyRing(config.kekPath),
		registerSecret: () => undefined,
	});
	const { current } = await readKeyRing(config.kekPath);
	console.log(`${await secrets.rotateKek()} data key(s) now wrapped by ${current.id}`);
	const others = await db("data_keys").whereNot({ kek_id: current.id }).distinct("kek_id").pluck("kek_id");
	console.log(
		others.length === 0
			? "the database needs older key files no more; backups made before still do"
			: `still needed: ${others.join(", ")}`,
	);
} finally {
	await db.destroy();
	await embedded?.stop();
}
