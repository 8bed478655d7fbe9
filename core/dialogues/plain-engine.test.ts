import { describe, expect, test } from "@jest/globals";
import type { Inbound, InboundContent } from "../pipeline/message.ts";
import { runPlainDialogue } from "./plain-engine.ts";
import type { DialogueScript } from "./script.ts";
import { findTypedChoice } from "./typed-choice.ts";

type Draft = { readonly colour: string; readonly size: number };

/** Two questions: a colour by button, then a size by number. */
const script: DialogueScript<Draft> = {
	kind: "shirt",
	steps: ["colour", "size"],
	start: { colour: "", size: 0 },
	ask: (step) =>
		step === "colour"
			? {
					markdown: "Which colour?",
					buttons: [[{ label: "Red", data: "c:red" }], [{ label: "Blue", data: "c:blue" }]],
				}
			: { markdown: "Which size?" },
	answer(step, draft, { content }) {
		if (content.kind === "text" && content.text === "/cancel") {
			return { kind: "cancelled", reply: { markdown: "Left." } };
		}
		if (step === "colour" && content.kind === "action" && content.data.startsWith("c:")) {
			return { kind: "next", draft: { ...draft, colour: content.data.slice(2) } };
		}
		if (step === "size" && content.kind === "text" && /^\d+$/.test(content.text)) {
			return { kind: "next", draft: { ...draft, size: Number(content.text) } };
		}
		return {
			kind: "again",
			reply: { markdown: "Again: which colour?", buttons: [[{ label: "Green", data: "c:green" }]] },
		};
	},
};

function toInbound(content: InboundContent): Inbound {
	return { chat: { platform: "wechat", botId: "1", id: "5", kind: "private" }, content };
}

function toText(text: string, forwarded = false): Inbound {
	return toInbound({ kind: "text", text, forwarded });
}

/** Each event meets the state as the database gives it back. */
async function play(...inbounds: readonly Inbound[]) {
	let state: unknown;
	let output = await runPlainDialogue({ script, state, inbound: toText("/start"), body: {} });
	for (const inbound of inbounds) {
		state = output.state === undefined ? undefined : JSON.parse(JSON.stringify(output.state));
		output = await runPlainDialogue({ script, state, inbound, body: {} });
	}
	return output;
}

describe("the plain engine", () => {
	test("begins with the first question, whatever began it", async () => {
		expect((await play()).replies).toEqual([script.ask("colour", script.start)]);
	});

	test.each(["1", " 1. ", "(1)", "１", "red", "RED"])("takes %j for the first button", async (text) => {
		expect((await play(toText(text))).state).toMatchObject({ step: "size", draft: { colour: "red" } });
	});

	test("takes the second number for the button of the second row, and a pressed button as it is", async () => {
		expect((await play(toText("2"))).state).toMatchObject({ draft: { colour: "blue" } });
		const pressed = toInbound({ kind: "action", actionId: "a", data: "c:pink" });
		expect((await play(pressed)).state).toMatchObject({ draft: { colour: "pink" } });
	});

	test("asks again on anything else and then counts the buttons it showed last", async () => {
		const again = await play(toText("3"));
		expect(again).toMatchObject({
			replies: [{ markdown: "Again: which colour?" }],
			state: { step: "colour" },
		});
		expect((await play(toText("3"), toText("1"))).state).toMatchObject({ draft: { colour: "green" } });
	});

	test("takes forwarded words for no choice", async () => {
		expect((await play(toText("1", true))).state).toMatchObject({ step: "colour" });
	});

	test("ends with the draft once every step is answered", async () => {
		expect(await play(toText("blue"), toText("42"))).toEqual({
			replies: [],
			state: undefined,
			finished: { colour: "blue", size: 42 },
		});
	});

	test("ends without one when it is cancelled", async () => {
		expect(await play(toText("red"), toText("/cancel"))).toEqual({
			replies: [{ markdown: "Left." }],
			state: undefined,
		});
	});

	test.each([
		null,
		7,
		"x",
		{},
		{ version: 2 },
		{ version: 1, step: "gone", draft: {}, question: { markdown: "" } },
	])("begins anew on the unreadable state %j", async (state) => {
		const output = await runPlainDialogue({ script, state, inbound: toText("1"), body: {} });
		expect(output).toMatchObject({ replies: [{ markdown: "Which colour?" }], state: { step: "colour" } });
	});
});

test("a number without a button, or words without buttons, are no choice", () => {
	const question = script.ask("colour", script.start);
	for (const text of ["0", "3", "99", "-1", "1 2", "one", ""])
		expect(findTypedChoice(question, text)).toBeUndefined();
	expect(findTypedChoice({ markdown: "free" }, "1")).toBeUndefined();
});
