import { describe, expect, test } from "@jest/globals";
import { countTokensNow } from "../../core/models/count-tokens.ts";
import { pollUntil } from "../../core/testing/poll-until.ts";
import { formatInstant, formatTokens } from "../../core/texts/format.ts";
import { failOn, passTimeUntil } from "./faults.ts";
import { meet } from "./person.ts";
import { findAccount, readLedger } from "./read-ledger.ts";
import { UPDATE_MODES } from "./start-world.ts";
import { useWorld } from "./use-world.ts";

const POEM = Array.from({ length: 40 }, (_, line) => `Line ${line} of a long poem about the sea.`).join("\n");
/** What an honest vendor with a vocabulary of its own might report. */
const POEM_TOKENS = countTokensNow(POEM) - 10;

describe.each(UPDATE_MODES)("by %s", (mode) => {
	const world = useWorld({ mode, env: () => ({ OUTPUT_TOKENS_MAX: "4096" }) });

	test("/start leads through three steps, and what was chosen counts from then on", async () => {
		const { model, db } = world();
		model.onMessage("Wie geht es", { content: "Gut." });
		const ann = meet(world(), 101);
		expect(await ann.ask("/start")).toEqual([expect.stringContaining("Step 1 of 3")]);
		expect((await ann.press("English")).texts).toEqual([expect.stringContaining("Where are you?")]);
		expect(await ann.ask("Berlin")).toEqual([expect.stringContaining("Step 2 of 3")]);
		const [check] = await ann.ask("fix a bug in my code");
		expect(check).toMatch(/Step 3 of 3.*Berlin/s);
		const done = await ann.press("Economy");
		expect(done.texts).toEqual([expect.stringMatching(/^Done, I am set up: Economy/)]);
		const accountId = await findAccount(world(), ann.chat);
		expect(await db("accounts").where({ id: accountId }).first()).toMatchObject({
			language: "en",
			policy: "CHEAP",
		});
		expect(await db("dialogues").where({ user_id: "101" })).toEqual([]);

		expect(await ann.ask("Wie geht es?")).toEqual(["Gut."]);
		expect(await readLedger(world(), accountId)).toMatchObject({ zone: "Europe/Berlin" });
		expect(model.getLastRequest()?.body).toMatchObject({
			messages: [
				{ role: "system", content: expect.stringContaining("Skills the user switched on") },
				{ content: "Wie geht es?" },
			],
		});
	});

	test("an answer grows in drafts and is then said once, and /usage equals the ledger", async () => {
		const { model, telegram } = world();
		model.onMessage(
			"a poem",
			{ content: POEM, usage: { prompt_tokens: 140, completion_tokens: POEM_TOKENS } },
			{ chunkSize: 40, latency: 40 },
		);
		const ann = meet(world(), 102);
		const question = ann.send("Write me a poem");
		await pollUntil(() => (ann.chat.drafts()[0]?.history.length ?? 0) >= 2);
		const [draft] = ann.chat.drafts();
		expect(draft).toMatchObject({ canStop: true });
		expect(ann.since(question)).toEqual([]);
		await ann.answered(question);
		for (const text of draft?.history ?? []) expect(POEM).toContain(text.trim());
		expect(ann.since(question)[0]).toBe(POEM);
		expect(ann.chat.drafts()).toEqual([]);
		const methods = telegram
			.calls()
			.filter(({ chatId }) => chatId === 102)
			.map(({ method }) => method);
		expect(methods.lastIndexOf("sendMessageDraft")).toBeLessThan(methods.indexOf("sendMessage"));

		await ann.ask("/new");
		const [usage = ""] = await ann.ask("/usage");
		const cost = 140 + POEM_TOKENS;
		const ledger = await readLedger(world(), await findAccount(world(), ann.chat));
		expect(ledger).toMatchObject({ granted: 5_000, posted: cost, pending: 0, journal: cost, charged: cost });
		expect(ledger.calls).toEqual([
			{
				input: 140,
				output: POEM_TOKENS,
				charged: cost,
				origin: "reported",
				outcome: "complete",
				channel: "telegram",
			},
		]);
		expect(readUsage(usage)).toEqual({
			used: cost,
			granted: 5_000,
			left: 5_000 - cost,
			chat: cost,
			calls: 1,
		});
		expect(usage).toContain(`Resets: ${formatInstant(ledger.resetsAt as Date, ledger.zone, "en")}`);
	});

	test("tokens that are used up: a warning, then a refusal that tells when they return and costs nothing", async () => {
		const { model } = world();
		model.onMessage("everything", (request) => ({
			content: "As you wish.",
			usage: {
				prompt_tokens: 150,
				completion_tokens: request.max_tokens ?? 0,
			},
		}));
		const ann = meet(world(), 103);
		const texts = await ann.ask("Take everything");
		expect(texts.at(-1)).toContain("80 % of your tokens are used");
		const last = await ann.ask("Take everything that is left");
		const accountId = await findAccount(world(), ann.chat);
		const { resetsAt, zone, granted, posted } = await readLedger(world(), accountId);
		const when = formatInstant(resetsAt as Date, zone, "en");
		expect(last.at(-1)).toMatch(/^⛔ Your tokens are used up/);
		expect(last.at(-1)).toContain(`${formatTokens(granted - posted, "en")} left`);
		expect(last.at(-1)).toContain(when);

		const asked = model.getRequests().length;
		const [refusal = ""] = await ann.ask("Take everything again");
		expect(refusal).toContain("Your tokens for this period are used up.");
		expect(refusal).toContain(`Your next tokens arrive ${when}`);
		expect(refusal).toContain("BILLING_QUOTA_EXCEEDED");
		expect(model.getRequests()).toHaveLength(asked);
		expect(await readLedger(world(), accountId)).toMatchObject({ posted, pending: 0 });
		const [usage = ""] = (await ann.press("My usage")).texts;
		expect(readUsage(usage)).toMatchObject({ used: posted, left: granted - posted, calls: 2 });
	});

	test("a message that fails each time is told once, costs nothing, and Resend answers it", async () => {
		const { model, db } = world();
		model.onMessage("poison", { content: "Drink water." });
		model.onMessage("after it", { content: "Here I am." });
		const ann = meet(world(), 104);
		await ann.ask("/new");
		await failOn(db, "%poison%");
		const poisoned = ann.send("Is this poison?");
		const next = ann.send("And after it?");
		await passTimeUntil(db, ann.answered(next));
		await world().settle();
		const dead = ann.since(poisoned).filter((text) => text !== "…");
		expect(dead).toEqual([expect.stringContaining("could not be answered"), "Here I am."]);
		const accountId = await findAccount(world(), ann.chat);
		const before = await readLedger(world(), accountId);
		expect(before.calls).toHaveLength(1);
		expect(before).toMatchObject({ pending: 0, posted: before.calls[0]?.charged });

		await db.raw("drop trigger poison on conversation_messages");
		const again = await ann.press("Resend");
		expect(again.toast).toContain("in the queue again");
		expect(await ann.reads(/Drink water/)).toBe("Drink water.");
		const after = await readLedger(world(), accountId);
		expect(after.calls).toHaveLength(2);
		expect((await ann.press("Resend")).toast).toContain("no longer works");
		await world().settle();
		expect(ann.chat.visibleTexts().filter((text) => text === "Drink water.")).toHaveLength(1);
	});
});

/** The figures of /usage as a person reads them. */
function readUsage(text: string) {
	const figure = (pattern: RegExp) => Number(pattern.exec(text)?.[1]?.replaceAll(",", ""));
	return {
		used: figure(/Used in this period: ([\d,]+) of/),
		granted: figure(/of ([\d,]+) tokens/),
		left: figure(/Left: ([\d,]+)/),
		chat: figure(/Chat: ([\d,]+) tokens/),
		calls: figure(/calls: (\d+)/),
	};
}
