import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import type { FakeChat } from "../../../bots/telegram/testing/fake-chat.ts";
import { putIdleToSleep } from "../../../core/db/instance-sleep.ts";
import { eventually } from "../../../core/testing/eventually.ts";
import type { PersonOptions } from "../testing/add-person.ts";
import type { InstanceWorld } from "./instance-world.ts";
import { openInstanceWorld, UP_MS } from "./instance-world.ts";

jest.setTimeout(90_000);

let world: InstanceWorld;

beforeAll(async () => {
	world = await openInstanceWorld();
});
afterAll(async () => expect(await world.end()).toEqual([]));

async function openOwner(
	options: PersonOptions = { planId: "pro_40" },
): Promise<{ readonly chat: FakeChat; readonly accountId: string }> {
	const chat = world.openChat();
	const { accountId } = await world.addPerson({ sender: world.toSender(chat), ...options });
	return { chat, accountId };
}

/** Has one made and waits until the message that tells of it has come to its end. */
async function createFor(chat: FakeChat): Promise<void> {
	expect(await world.say(chat, "/instance create")).toContain("is being made");
	await toldUp(chat, 1);
}

/** The message that tells of it has come to its end, so many times by now. */
async function toldUp(chat: FakeChat, times: number): Promise<void> {
	const isToldUp = (text: string): boolean => text.includes("From now on it answers");
	await eventually(() => chat.visibleTexts().filter(isToldUp).length >= times, UP_MS);
}

async function phaseOf(accountId: string): Promise<string | undefined> {
	return (await world.db("instances").where({ account_id: accountId }).first("phase"))?.phase;
}

test("one is made in the chat, answers there, is charged under its own name, stopped, started and deleted", async () => {
	const { chat, accountId } = await openOwner();
	await createFor(chat);
	expect(chat.visibleTexts().filter((text) => text.includes("Your agent is on its way"))).toHaveLength(1);
	expect(await world.say(chat, "what is 2+2?")).toBe("claw: four");
	const usage = await world
		.db("usage_log")
		.where({ account_id: accountId })
		.select("source", "charged_micro");
	expect(usage).toEqual([{ source: "instance", charged_micro: "22000000" }]);
	expect(await world.say(chat, "/usage")).toMatch(/Your own agent: 22 tokens, calls: 1/);
	expect(await world.say(chat, "/instance")).toMatch(/up and well[\s\S]*of memory/);

	expect(await world.say(chat, "/instance stop")).toContain("Stop your agent?");
	expect(await world.tap(chat, "Yes, stop it")).toContain("is being stopped");
	await eventually(async () => (await phaseOf(accountId)) === "stopped", UP_MS);
	expect(await world.say(chat, "and 3+1?")).toBe("four");

	expect(await world.say(chat, "/instance start")).toContain("is being started");
	await toldUp(chat, 2);
	expect(await world.say(chat, "5-1?")).toBe("claw: four");
	expect(await world.say(chat, "/instance logs")).toContain("the stub is up");

	await world.say(chat, "/instance delete");
	expect(await world.tap(chat, "Yes, delete it")).toContain("is being deleted");
	await eventually(async () => (await phaseOf(accountId)) === "gone", UP_MS);
	expect(await world.say(chat, "2*2?")).toBe("four");
	expect(
		await world.db("api_keys").where({ account_id: accountId, revoked_at: null }).whereNotNull("instance_id"),
	).toEqual([]);
	expect(await world.say(chat, "/instance")).toContain("You have no agent of your own yet");
});

test("a conversation stays in one thread until /new, and the chosen agent answers", async () => {
	const { chat } = await openOwner();
	await createFor(chat);
	const who = async (): Promise<Record<string, string>> => JSON.parse(await world.say(chat, "who are you?"));
	const first = await who();
	expect(first).toMatchObject({ model: "openclaw/assistant", agents: "assistant,ops,coder,inventor,pm" });
	expect(await who()).toEqual(first);
	await world.say(chat, "/new");
	const next = await who();
	expect(next["user"]).not.toBe(first["user"]);
	await world.say(chat, "/agents coder");
	expect((await who())["model"]).toBe("openclaw/coder");
	expect(JSON.stringify([first, next])).not.toContain(String(chat.id));
});

test("/stop ends the agent's answer", async () => {
	const { chat } = await openOwner();
	await createFor(chat);
	chat.sendText("slow please");
	await eventually(() => chat.drafts().some(({ text }) => text.includes("word3")), UP_MS);
	await world.say(chat, "/stop");
	await world.settle();
	expect(chat.visibleTexts().join("\n")).toContain("Stopped.");
	expect(chat.visibleTexts().join("\n")).not.toContain("word190");
});

test("one that refuses is gone round; one that dies in the midst is cut and comes back", async () => {
	const { chat, accountId } = await openOwner();
	await createFor(chat);
	expect(await world.say(chat, "refuse this")).toMatch(/cannot be reached now[\s\S]*four/);
	expect(await world.say(chat, "die now")).toMatch(/I was about to[\s\S]*broke off here/);
	await eventually(
		async () =>
			(await world
				.db("instance_events")
				.whereIn("instance_id", world.db("instances").where({ account_id: accountId }).select("id"))
				.where({ kind: "restarted" })
				.first("id")) !== undefined,
		UP_MS,
	);
	await eventually(async () => (await phaseOf(accountId)) === "ready", UP_MS);
	expect(await world.say(chat, "back?")).toBe("claw: four");
});

test("one that sleeps is waked by the next message, which it answers", async () => {
	const { chat, accountId } = await openOwner();
	await createFor(chat);
	await world
		.db("instances")
		.where({ account_id: accountId })
		.update({ used_at: new Date(0) });
	expect(await putIdleToSleep(world.db)).toBe(1);
	await eventually(async () => (await phaseOf(accountId)) === "stopped", UP_MS);
	expect(await world.say(chat, "/instance")).toContain("Your next message wakes it");
	chat.sendText("are you there?");
	await eventually(() => chat.drafts().some(({ text }) => text.includes("Waking your agent")), UP_MS);
	await eventually(() => chat.visibleTexts().includes("claw: four"), UP_MS);
	expect(chat.visibleTexts().join()).not.toContain("Waking");
	expect(await phaseOf(accountId)).toBe("ready");
});

test("without a plan for it none is made; the free plan is told how", async () => {
	const chat = world.openChat();
	expect(await world.say(chat, "/instance create")).toMatch(/Your plan has no agent of its own/);
	expect(await world.say(chat, "/instance")).toContain("/plan");
	expect(await world.say(chat, "/instance stop")).toContain("no such instance");
});

test("with the tokens used up the agent is not asked", async () => {
	const { chat } = await openOwner({ planId: "starter_20", dailyTokens: 200 });
	await createFor(chat);
	expect(await world.say(chat, "what is 2+2?")).toContain("used up");
});
