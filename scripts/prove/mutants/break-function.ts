import type { Knex } from "knex";

/** Replaces `from` by `to` in a function of a scratch database. @throws Error when it is not in it: the mutant is out of date */
export async function breakFunction(db: Knex, signature: string, from: string, to: string): Promise<void> {
	const { rows } = await db.raw<{ rows: { code: string }[] }>(
		"select pg_get_functiondef(?::regprocedure) as code",
		[signature],
	);
	const code = rows[0]?.code ?? "";
	if (!code.includes(from)) throw new Error(`${signature} does not contain: ${from}`);
	await db.raw(code.replaceAll(from, to).replaceAll("?", "\\?"));
}
