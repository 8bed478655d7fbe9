import type { Knex } from "knex";
import type { InstanceSkill } from "../db/instance-skills.ts";
import { chooseSkill, dropSkill, noteSkillChange } from "../db/instance-skills.ts";
import { wishAccountConfigured } from "../db/instance-wishes.ts";

/** Gives an account's instances a skill of the list, which is noted. @returns what it got; undefined: none of the list is called so */
export async function installSkill(
	db: Knex,
	accountId: string,
	skillId: string,
): Promise<InstanceSkill | undefined> {
	return await db.transaction(async (trx) => {
		const skill = await chooseSkill(trx, accountId, skillId);
		if (skill === undefined) return undefined;
		const { id, version, sha256 } = skill;
		await noteSkillChange(trx, accountId, "skill-installed", `${id} ${version} sha256:${sha256}`);
		await wishAccountConfigured(trx, accountId);
		return skill;
	});
}

/** Takes it away again, which is noted. False: the account had none like that. */
export async function removeSkill(db: Knex, accountId: string, skillId: string): Promise<boolean> {
	return await db.transaction(async (trx) => {
		if (!(await dropSkill(trx, accountId, skillId))) return false;
		await noteSkillChange(trx, accountId, "skill-removed", skillId);
		await wishAccountConfigured(trx, accountId);
		return true;
	});
}
