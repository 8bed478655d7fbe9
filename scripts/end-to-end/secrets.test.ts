import { afterAll, describe, expect, test } from "@jest/globals";
import { Agent } from "undici";
import { pollUntil } from "../../core/testing/poll-until.ts";
import { askOverHttp } from "../whole-system/testing/ask-over-http.ts";
import { findInDatabase } from "./find-in-database.ts";
import { meet } from "./person.ts";
import { findAccount } from "./read-ledger.ts";
import { useWorld } from "./use-world.ts";

const STAFF_ID = 1001;
const world = useWorld({
	env: ([bot]) => ({ LOG_LEVEL: "trace", STAFF: `telegram:${bot?.id}:${STAFF_ID}` }),
});
const agent = new Agent({ keepAliveTimeout: 100 });
afterAll(async () => await agent.destroy());

/** Nowhere once it was shown: neither in the database nor in the log. */
async function expectForgotten(...secrets: readonly string[]): Promise<void> {
	// Blanked right after the answer's last message, which is when its turn is over.
	await pollUntil(async () => (await world().db("secret_answers")).length === 0);
	for (const secret of secrets) {
		expect(secret.length).toBeGreaterThan(8);
		expect(await findInDatabase(world().db, secret)).toEqual([]);
		expect(await world().readLog()).not.toContain(secret);
	}
}

describe("shown once", () => {
	test("a key from the chat works at once and is stored nowhere; /last does not bring it back", async () => {
		world().model.onMessage("hi", { content: "Hello." });
		const ann = meet(world(), 1010);
		const [text = ""] = await ann.ask("/key new");
		const key = /rp_\w{8}_[\w-]{43}/.exec(text)?.[0] ?? "";
		const { status, body } = await askOverHttp(agent, Number(new URL(world().url).port), key, "hi");
		expect([status, body.replies?.[0]?.markdown]).toEqual([200, "Hello."]);
		await expectForgotten(key, key.split("_").slice(2).join("_"));
		expect((await ann.ask("/last")).join()).not.toContain(key);
		expect(ann.chat.visibleTexts()).toContain(text);
	});

	test("a key makes no other key: whoever finds one gets no further", async () => {
		const ann = meet(world(), 1011);
		const port = Number(new URL(world().url).port);
		const key = /rp_\w{8}_[\w-]{43}/.exec((await ann.ask("/key new")).join())?.[0] ?? "";
		const { status, body } = await askOverHttp(agent, port, key, "/key new");
		expect([status, body.error?.["code"]]).toEqual([403, "FORBIDDEN"]);
		expect(
			await world()
				.db("api_keys")
				.where({ account_id: await findAccount(world(), ann.chat) }),
		).toHaveLength(1);
	});

	test("codes of /link and /issue are stored nowhere", async () => {
		const staff = meet(world(), STAFF_ID);
		const texts = [...(await staff.ask("/link")), ...(await staff.ask("/issue pro_40"))];
		const typed = texts.map((text) => /\/bind ([A-Z0-9-]+)/.exec(text)?.[1] ?? "");
		const deep = /start=([\w-]{22})/.exec(texts.join())?.[1] ?? "";
		await expectForgotten(deep, ...typed, ...typed.map((code) => code.replaceAll("-", "")));
	});

	test("a message that could not be delivered at once keeps its secret until it is, and no longer", async () => {
		const ann = meet(world(), 1012);
		await ann.ask("/new");
		ann.chat.faults.failNext("editMessageText", { kind: "rate-limit", retryAfterSeconds: 1 });
		const [text = ""] = await ann.ask("/key new");
		const key = /rp_\w{8}_[\w-]{43}/.exec(text)?.[0] ?? "";
		await expectForgotten(key);
	});
});

test("the log names no token of a bot and no key of a vendor", async () => {
	const log = await world().readLog();
	for (const { token } of world().bots) expect(log).not.toContain(token.split(":")[1]);
	expect(await findInDatabase(world().db, world().bot.token)).toEqual([]);
});
