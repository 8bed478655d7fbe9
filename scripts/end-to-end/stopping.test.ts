import { describe, expect, test } from "@jest/globals";
import { countTokens } from "../../core/models/count-tokens.ts";
import { pollUntil } from "../../core/testing/poll-until.ts";
import type { Person } from "./person.ts";
import { meet } from "./person.ts";
import { findAccount, readLedger } from "./read-ledger.ts";
import { UPDATE_MODES } from "./start-world.ts";
import { useWorld } from "./use-world.ts";

/** Would take a quarter of a minute to write to its end. */
const STORY = Array.from({ length: 60 }, (_, day) => `On day ${day} nothing happened at all.`).join(" ");
const PACE = { chunkSize: 8, latency: 60 };

/** Each is one way to say that it is enough. */
const STOPS: readonly (readonly [string, number, (person: Person) => unknown])[] = [
	["Stop under the draft", 1, ({ chat }) => chat.pressStop()],
	["/stop", 2, ({ send }) => send("/stop")],
	["a button that stops", 3, ({ chat }) => chat.pressForged("stop", 1)],
];

describe.each(UPDATE_MODES)("by %s", (mode) => {
	const world = useWorld({ mode });

	test.each(STOPS)(
		"%s half-way ends the answer, and only what was delivered is charged",
		async (_, id, stop) => {
			const { model, settle } = world();
			model.onMessage("story", { content: STORY }, PACE);
			const ann = meet(world(), 200 + id);
			const question = ann.send("Tell me a story");
			await pollUntil(() => ann.chat.drafts().length > 0);
			await stop(ann);
			await ann.answered(question);
			await settle();
			const [told = "", note] = ann.since(question).filter((text) => !text.startsWith("Stopped. You pay"));
			expect(STORY.startsWith(told)).toBe(true);
			expect(told.length).toBeGreaterThan(8);
			expect(told.length).toBeLessThan(STORY.length / 2);
			expect(note).toBe("Stopped. Only what you see was charged.");

			const { calls, pending, posted } = await readLedger(world(), await findAccount(world(), ann));
			// What the vendor had sent by then, perhaps with a space at its end that no message shows.
			const delivered = await countTokens(told);
			expect(calls).toEqual([
				expect.objectContaining({ origin: "counted", outcome: "stopped", channel: "telegram" }),
			]);
			const [{ input = 0, output = 0, charged = 0 } = {}] = calls;
			expect(Math.abs(output - delivered)).toBeLessThanOrEqual(1);
			expect(charged).toBe(input + output);
			expect({ pending, posted }).toEqual({ pending: 0, posted: charged });
		},
	);

	test("what waits behind a stopped answer is answered", async () => {
		const { model } = world();
		model.onMessage("saga", { content: STORY }, PACE);
		model.onMessage("weather", { content: "Rain." });
		const ann = meet(world(), 211);
		ann.send("Tell me a saga");
		const next = ann.send("And the weather?");
		await pollUntil(() => ann.chat.drafts().length > 0);
		ann.chat.pressStop();
		await ann.answered(next);
		expect(ann.since(next).at(-1)).toBe("Rain.");
	});

	test("Stop before the first word costs nothing", async () => {
		const { model, settle } = world();
		const { promise: thought, resolve: think } = Promise.withResolvers<void>();
		model.onMessage("thinking", async () => {
			await thought;
			return { content: STORY };
		});
		const ann = meet(world(), 212);
		const question = ann.send("Start thinking");
		await pollUntil(() => ann.chat.typingCount() > 0);
		await ann.ask("/stop");
		await ann.answered(question);
		think();
		await settle();
		expect(ann.since(question)).toContain("Stopped before the answer began. Nothing was charged.");
		const ledger = await readLedger(world(), await findAccount(world(), ann));
		expect(ledger).toMatchObject({ posted: 0, pending: 0, journal: 0 });
	});

	test("nobody stops what is not his, and stopping nothing says so", async () => {
		const ann = meet(world(), 213);
		expect(await ann.ask("/stop")).toEqual(["Nothing of yours is running here."]);
	});
});
