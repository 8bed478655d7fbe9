import assert from "node:assert/strict";
import { startAppNode } from "../testing/start-app-node.ts";
import type { Desk } from "./desk.ts";
import type { InputRow } from "./input-row.ts";

/** Row 4: what must not even boot. */
export const BOOT_ROWS: readonly InputRow[] = [
	{
		row: 4,
		name: "an empty, short, sample or repeated webhook secret: the boot fails",
		async check({ world }: Desk) {
			const weak = [
				"",
				"  ",
				"short",
				"a".repeat(43),
				`${"sample-secret-change-me".repeat(2)}`,
				`${"ab".repeat(30)}`,
			];
			const ends = await Promise.all(
				weak.map(async (secret) => {
					const node = startAppNode({ env: { ...world.env, TELEGRAM_WEBHOOK_SECRET: secret } });
					const how = await Promise.race([node.ended, node.ready.catch(async () => await node.ended)]);
					await node.kill();
					return [secret, how, node.errors()] as const;
				}),
			);
			for (const [secret, how, errors] of ends) {
				assert.equal(how, 1, `booted with ${JSON.stringify(secret)}`);
				assert.match(errors, /TELEGRAM_WEBHOOK_SECRET/);
			}
		},
	},
];
