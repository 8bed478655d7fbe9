import { afterEach, expect } from "@jest/globals";
import type { AppWorld, Env } from "./app-world.ts";
import { createAppWorld } from "./app-world.ts";
import type { TelegramWorld } from "./telegram-world.ts";
import { createTelegramWorld } from "./telegram-world.ts";

export type Worlds = {
	open(env?: Env): Promise<AppWorld>;
	openTelegram(env?: Env): Promise<TelegramWorld>;
};

/** Worlds that end with their test. Whatever was done in one, its ledger must agree with itself. */
export function useWorlds(): Worlds {
	const opened: AppWorld[] = [];

	async function keep<W extends AppWorld>(opening: Promise<W>): Promise<W> {
		const world = await opening;
		opened.push(world);
		return world;
	}

	afterEach(async () => {
		for (const world of opened.splice(0)) {
			const { rows } = await world.db.raw<{ rows: unknown[] }>("select * from violations");
			await world.close();
			expect(rows).toEqual([]);
		}
	});
	return {
		open: async (env) => await keep(createAppWorld(env)),
		openTelegram: async (env) => await keep(createTelegramWorld(env)),
	};
}
