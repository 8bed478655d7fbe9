import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { TestDb } from "../testing/create-test-db.ts";
import { createTestDb } from "../testing/create-test-db.ts";
import { deleteStaleDialogues, findDialogue, removeDialogue, writeDialogue } from "./dialogues.ts";

const sender = { platform: "telegram", botId: "100", userId: "5" } as const;
let world: TestDb;

beforeAll(async () => {
	world = await createTestDb({ poolMax: 2 });
	await world.db.raw(
		`insert into dialogues (platform, bot_id, user_id, kind, state, version, updated_at) values
			('telegram', '100', '5', 'onboarding', '{"step": "zone"}', 3, now()),
			('telegram', '100', '6', 'onboarding', '{"step": "goal"}', 1, now()),
			('telegram', '200', '5', 'onboarding', '{"step": "tier"}', 1, now() - interval '31 days')`,
	);
});

afterAll(async () => {
	await world.destroy();
});

describe("a stored dialogue", () => {
	test("is found by its sender on its bot and by its kind, with its version", async () => {
		expect(await findDialogue(world.db, sender, "onboarding")).toEqual({
			kind: "onboarding",
			state: { step: "zone" },
			version: 3,
		});
	});

	test.each([
		[{ ...sender, userId: "7" }, "onboarding"],
		[{ ...sender, platform: "wechat" } as const, "onboarding"],
		[sender, "confirm-delete"],
	])("is not found for %j %s", async (key, kind) => {
		expect(await findDialogue(world.db, key, kind)).toBeUndefined();
	});

	test("nobody went on with is swept, the others stay", async () => {
		expect(await deleteStaleDialogues(world.db, 30)).toBe(1);
		expect(await deleteStaleDialogues(world.db, 30)).toBe(0);
		expect(await findDialogue(world.db, sender, "onboarding")).toBeDefined();
	});
});

test("writes are compare-and-set on the version that was read", () => {
	const stored = { kind: "onboarding", state: {}, version: 3 };
	expect(writeDialogue(sender, "onboarding", stored, { a: 1 })).toEqual({
		...sender,
		kind: "onboarding",
		expectedVersion: 3,
		state: { a: 1 },
	});
	expect(writeDialogue(sender, "onboarding", undefined, {}).expectedVersion).toBe(0);
	expect(removeDialogue(sender, stored)).toMatchObject({ expectedVersion: 3, state: undefined });
});
