import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { listChosenSkills, listOfferedSkills } from "../db/instance-skills.ts";
import type { TestDb } from "../testing/create-test-db.ts";
import { createTestDb } from "../testing/create-test-db.ts";
import { installSkill, removeSkill } from "./change-skills.ts";
import { makeInstance } from "./testing/make-instance.ts";

const TEXT = "---\nname: house-rules\n---\nBe kind.\n";

let world: TestDb;
beforeAll(async () => {
	world = await createTestDb();
});
afterAll(async () => await world.destroy());

async function addCurated(version: string, content: string): Promise<void> {
	const words = JSON.stringify({ en: "House rules", "zh-CN": "规则", ru: "Правила" });
	const sha256 = createHash("sha256").update(content).digest("hex");
	await world
		.db("instance_skills")
		.insert({ id: "house-rules", version, title: words, summary: words, sha256, content });
}

async function configVersion(instanceId: string): Promise<number> {
	const row = await world.db("instances").where({ id: instanceId }).first("config_version");
	return Number(row?.config_version);
}

async function notes(instanceId: string): Promise<readonly string[]> {
	const rows = await world
		.db("instance_events")
		.where({ instance_id: instanceId })
		.orderBy("id")
		.select("kind", "why");
	return rows.map(({ kind, why }) => `${kind} ${why}`);
}

test("a skill that comes with the program is installed and removed, and both are noted with its hash", async () => {
	const { accountId, instanceId } = await makeInstance(world.db);
	const before = await configVersion(instanceId);
	expect(await installSkill(world.db, accountId, "weather")).toMatchObject({
		id: "weather",
		version: "2026.9.6",
	});
	expect(await listChosenSkills(world.db, accountId)).toEqual([{ id: "weather", content: undefined }]);
	expect((await listOfferedSkills(world.db, accountId)).filter(({ isChosen }) => isChosen)).toMatchObject([
		{ id: "weather" },
	]);
	expect(await removeSkill(world.db, accountId, "weather")).toBe(true);
	expect(await removeSkill(world.db, accountId, "weather")).toBe(false);
	expect(await listChosenSkills(world.db, accountId)).toEqual([]);
	expect(await configVersion(instanceId)).toBe(before + 2);
	expect(await notes(instanceId)).toEqual([
		expect.stringMatching(/^skill-installed weather 2026\.9\.6 sha256:[0-9a-f]{64}$/),
		"skill-removed weather",
	]);
});

test("what is not on the list is never installed", async () => {
	const { accountId, instanceId } = await makeInstance(world.db);
	for (const id of ["clawhub", "../weather", "", "WEATHER"]) {
		expect(await installSkill(world.db, accountId, id)).toBeUndefined();
	}
	expect(await notes(instanceId)).toEqual([]);
});

test("an account keeps its version until it takes the newer one; what is switched off is taken from all", async () => {
	const { accountId } = await makeInstance(world.db);
	await addCurated("1", TEXT);
	await installSkill(world.db, accountId, "house-rules");
	await addCurated("2", `${TEXT}Always.\n`);
	expect((await listOfferedSkills(world.db, accountId)).find(({ id }) => id === "house-rules")).toMatchObject(
		{ version: "2" },
	);
	expect(await listChosenSkills(world.db, accountId)).toEqual([{ id: "house-rules", content: TEXT }]);
	await installSkill(world.db, accountId, "house-rules");
	expect(await listChosenSkills(world.db, accountId)).toEqual([
		{ id: "house-rules", content: `${TEXT}Always.\n` },
	]);
	await world.db("instance_skills").where({ id: "house-rules", version: "2" }).update({ enabled: false });
	expect(await listChosenSkills(world.db, accountId)).toEqual([]);
});

test("a text that is not what its hash says is not stored", async () => {
	const words = JSON.stringify({ en: "x", "zh-CN": "x", ru: "x" });
	const row = {
		id: "evil",
		version: "1",
		title: words,
		summary: words,
		sha256: "0".repeat(64),
		content: TEXT,
	};
	await expect(world.db("instance_skills").insert(row)).rejects.toMatchObject({ code: "23514" });
});
