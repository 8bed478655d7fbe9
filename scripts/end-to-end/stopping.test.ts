import { beforeAll, describe, expect, test } from "@jest/globals";
import { countTokens } from "../../core/models/count-tokens.ts";
import type { FakeAnswer } from "../../core/testing/fake-provider-server.ts";
import { pollUntil } from "../../core/testing/poll-until.ts";
import type { Person } from "./person.ts";
import { meet } from "./person.ts";
import { findAccount, readLedger } from "./read-ledger.ts";
import { UPDATE_MODES } from "./start-world.ts";
import { useWorld } from "./use-world.ts";

/** A third of a minute long, if it is heard to its end. */
const PIECES = Array.from({ length: 400 }, (_, day) => `Day ${day}: nothing. `);
const STORY: FakeAnswer = { kind: "text", pieces: PIECES, gapMs: 50 };

const ENDED = "Stopped. Only what you see was charged.";

/** Each is one way to say that it is enough, and what is said to it besides the end of the answer. */
const STOPS: readonly (readonly [string, number, (person: Person) => unknown, readonly string[]])[] = [
	["Stop under the draft", 1, ({ chat }) => chat.pressStop(), []],
	["/stop", 2, ({ send }) => send("/stop"), []],
	["a button that stops", 3, ({ chat }) => chat.pressForged("stop", 1), []],
];

describe.each(UPDATE_MODES)("by %s", (mode) => {
	const world = useWorld({ mode, answeredBy: "vendor" });
	beforeAll(() => {
		world().vendor.answerAlways(({ body }) => {
			const question = JSON.stringify((body["messages"] as unknown[]).at(-1));
			if (question.includes("story")) return STORY;
			return question.includes("think") ? { kind: "hang" } : { kind: "text", pieces: ["Rain."] };
		});
	});

	test.each(STOPS)(
		"%s half-way ends the answer; only what was delivered is charged, and the vendor is left",
		async (_, id, stop, words) => {
			const { settle, vendor } = world();
			const ann = meet(world(), 200 + id);
			await ann.ask("/new");
			const question = ann.send("Tell me a story");
			await pollUntil(() => ann.chat.drafts().length > 0);
			await stop(ann);
			await ann.answered(question);
			await settle();
			const texts = ann.since(question);
			const [told = ""] = texts.filter((text) => text.startsWith("Day"));
			expect(texts.toSorted()).toEqual([told, ENDED, ...words].toSorted());
			expect(PIECES.join("").startsWith(told)).toBe(true);
			expect(told).toContain("Day 1:");
			expect(told).not.toContain("Day 300:");
			await pollUntil(() => vendor.openConnectionCount() === 0);

			const { calls, pending, posted } = await readLedger(world(), await findAccount(world(), ann.chat));
			expect(calls).toEqual([expect.objectContaining({ origin: "counted", outcome: "stopped" })]);
			const [{ input = 0, output = 0, charged = 0 } = {}] = calls;
			// The last piece ends with a space, which no message shows.
			expect(output).toBe(await countTokens(`${told} `));
			expect(charged).toBe(input + output);
			expect({ pending, posted }).toEqual({ pending: 0, posted: charged });
		},
	);

	test("what waits behind a stopped answer is answered", async () => {
		const ann = meet(world(), 211);
		ann.send("Tell me a story");
		const next = ann.send("And the weather?");
		await pollUntil(() => ann.chat.drafts().length > 0);
		ann.chat.pressStop();
		await ann.answered(next);
		expect(ann.since(next).at(-1)).toBe("Rain.");
	});

	test("Stop before the first word costs nothing", async () => {
		const { settle, vendor } = world();
		const ann = meet(world(), 212);
		const question = ann.send("Start thinking");
		await pollUntil(() => ann.chat.typingCount() > 0);
		await ann.ask("/stop");
		await ann.answered(question);
		await settle();
		expect(ann.since(question)).toContain("Stopped before the answer began. Nothing was charged.");
		const ledger = await readLedger(world(), await findAccount(world(), ann.chat));
		expect(ledger).toMatchObject({ posted: 0, pending: 0, journal: 0 });
		await pollUntil(() => vendor.openConnectionCount() === 0);
	});

	test("stopping nothing says so", async () => {
		expect(await meet(world(), 213).ask("/stop")).toEqual(["Nothing of yours is running here."]);
	});
});
