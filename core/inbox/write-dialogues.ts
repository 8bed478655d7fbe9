import type { Knex } from "knex";
import type { DialogueWrite } from "../pipeline/turn.ts";
import { toStorableJson } from "./storable-json.ts";

/** Another turn of the same person changed the dialogue since this one read it. */
export class DialogueRaceError extends Error {
	override readonly name = "DialogueRaceError";
}

/** Compare-and-set of every state. @throws DialogueRaceError when one was changed meanwhile; the transaction must roll back. */
export async function writeDialogues(trx: Knex.Transaction, writes: readonly DialogueWrite[]): Promise<void> {
	if (writes.length === 0) return;
	const { rows } = await trx.raw<{ rows: { n: string }[] }>(
		`with x as (
			select * from jsonb_to_recordset(?::jsonb)
				x (platform text, "botId" text, "userId" text, kind text, "expectedVersion" integer, state jsonb, "isEnd" boolean)
		), started as (
			insert into dialogues (platform, bot_id, user_id, kind, state)
			select platform, "botId", "userId", kind, state from x where "expectedVersion" = 0 and not "isEnd"
			order by platform, "botId", "userId", kind
			on conflict do nothing returning 1
		), changed as (
			update dialogues d set state = x.state, version = d.version + 1, updated_at = clock_timestamp()
			from x where d.platform = x.platform and d.bot_id = x."botId" and d.user_id = x."userId" and d.kind = x.kind
				and d.version = x."expectedVersion" and not x."isEnd" returning 1
		), ended as (
			delete from dialogues d using x
			where d.platform = x.platform and d.bot_id = x."botId" and d.user_id = x."userId" and d.kind = x.kind
				and d.version = x."expectedVersion" and x."isEnd" returning 1
		), absent as (
			select 1 from x where "expectedVersion" = 0 and "isEnd" and not exists (
				select 1 from dialogues d
				where d.platform = x.platform and d.bot_id = x."botId" and d.user_id = x."userId" and d.kind = x.kind)
		)
		select (select count(*) from started) + (select count(*) from changed) + (select count(*) from ended)
			+ (select count(*) from absent) as n`,
		[toStorableJson(JSON.stringify(writes.map(toRow)))],
	);
	if (Number(rows[0]?.n) !== writes.length) throw new DialogueRaceError("a dialogue changed during the turn");
}

function toRow({ state, ...write }: DialogueWrite): object {
	return { ...write, state: state ?? null, isEnd: state === undefined };
}
