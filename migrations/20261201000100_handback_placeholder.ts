import type { Knex } from "knex";

const SIGNATURE = "lanes_release(jsonb, integer[])";
const COUNT = "greatest(i.attempts - 1, 0)";
/** An event of one attempt is claimed without looking for parts; with one it must not look like that. */
const COUNT_WITH_PARTS =
	"greatest(i.attempts - 1, (exists (select from outbox o where o.inbox_id = i.id))::integer)";

/**
 * An event that is handed back keeps one attempt where a placeholder of it may be seen: the next attempt is told of it then, and
 * writes its answer there instead of beside a preview that nobody ends.
 */
export async function up(knex: Knex): Promise<void> {
	await rewrite(knex, COUNT, COUNT_WITH_PARTS);
}

export async function down(knex: Knex): Promise<void> {
	await rewrite(knex, COUNT_WITH_PARTS, COUNT);
}

async function rewrite(knex: Knex, from: string, to: string): Promise<void> {
	const { rows } = await knex.raw<{ rows: { code: string }[] }>(
		"select pg_get_functiondef(?::regprocedure) as code",
		[SIGNATURE],
	);
	const code = rows[0]?.code ?? "";
	if (!code.includes(from)) throw new Error(`${SIGNATURE} is not as it was: no ${from}`);
	await knex.raw(code.replace(from, () => to).replaceAll("?", "\\?"));
}
