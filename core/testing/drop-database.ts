import { setTimeout as wait } from "node:timers/promises";
import type { Knex } from "knex";

const TRIES = 50;
const PAUSE_MS = 100;
const INSUFFICIENT_PRIVILEGE = "42501";
const OBJECT_IN_USE = "55006";

/**
 * Drops a database if it is there, whoever else is connected. A vacuum of the server's own may be at work in it, which only a
 * superuser may end: it is done in a moment. @throws the server's error when it is not within five seconds.
 */
export async function dropDatabase(server: Knex, name: string): Promise<void> {
	for (let tries = 1; ; tries += 1) {
		try {
			await server.raw("drop database if exists ?? with (force)", [name]);
			return;
		} catch (error) {
			const { code } = error as { readonly code?: string };
			const isBusy = code === INSUFFICIENT_PRIVILEGE || code === OBJECT_IN_USE;
			if (!isBusy || tries >= TRIES) throw error;
			await wait(PAUSE_MS);
		}
	}
}
