import type { Knex } from "knex";
import type { Text } from "../texts/say.ts";

/** A skill of an instance, in the version that is offered, or the one an account has. */
export type InstanceSkill = {
	readonly id: string;
	readonly version: string;
	readonly title: Text;
	readonly summary: Text;
	/** Of its SKILL.md. */
	readonly sha256: string;
};

/** Its text; undefined: the agent's program brings it along. */
export type ChosenSkill = { readonly id: string; readonly content: string | undefined };

/** Each skill in its newest version, with whether the account has it. */
export async function listOfferedSkills(
	db: Knex,
	accountId: string,
): Promise<readonly (InstanceSkill & { readonly isChosen: boolean })[]> {
	const { rows } = await db.raw<{ rows: (InstanceSkill & { chosen: boolean })[] }>(
		`select distinct on (s.id) s.id, s.version, s.title, s.summary, s.sha256, c.account_id is not null as chosen
		from instance_skills s left join instance_skill_choices c on c.skill_id = s.id and c.account_id = ?
		where s.enabled order by s.id, s.created_at desc, s.version desc`,
		[accountId],
	);
	return rows.map(({ chosen, ...skill }) => ({ ...skill, isChosen: chosen }));
}

/** Those an account has and that are not taken from it, in the version it has. */
export async function listChosenSkills(db: Knex, accountId: string): Promise<readonly ChosenSkill[]> {
	const { rows } = await db.raw<{ rows: { id: string; content: string | null }[] }>(
		`select s.id, s.content from instance_skill_choices c
		join instance_skills s on s.id = c.skill_id and s.version = c.version and s.enabled
		where c.account_id = ? order by s.id`,
		[accountId],
	);
	return rows.map(({ id, content }) => ({ id, content: content ?? undefined }));
}

/** Gives the account a skill in its newest version. @returns what it got; undefined: there is none like that */
export async function chooseSkill(
	trx: Knex,
	accountId: string,
	skillId: string,
): Promise<InstanceSkill | undefined> {
	const { rows } = await trx.raw<{ rows: InstanceSkill[] }>(
		`with newest as (
			select id, version, title, summary, sha256 from instance_skills where id = :skillId and enabled
			order by created_at desc, version desc limit 1
		), chosen as (
			insert into instance_skill_choices (account_id, skill_id, version) select :accountId, id, version from newest
			on conflict (account_id, skill_id) do update set version = excluded.version, installed_at = clock_timestamp()
		)
		select * from newest`,
		{ accountId, skillId },
	);
	return rows[0];
}

/** False: the account has none like that. */
export async function dropSkill(trx: Knex, accountId: string, skillId: string): Promise<boolean> {
	const { rows } = await trx.raw<{ rows: unknown[] }>(
		"delete from instance_skill_choices where account_id = ? and skill_id = ? returning 1",
		[accountId, skillId],
	);
	return rows.length > 0;
}

/** What was changed in the instances of an account, for whoever asks later. */
export async function noteSkillChange(
	trx: Knex,
	accountId: string,
	kind: "skill-installed" | "skill-removed",
	what: string,
): Promise<void> {
	await trx.raw(
		`insert into instance_events (instance_id, kind, why, told_at)
		select id, ?, ?, clock_timestamp() from instances where account_id = ? and desired <> 'deleted'`,
		[kind, what, accountId],
	);
}
