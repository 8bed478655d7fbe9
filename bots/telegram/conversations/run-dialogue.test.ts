import { expect, test } from "@jest/globals";
import type { DialogueInput, DialogueOutput, DialogueScript } from "../../../core/dialogues/script.ts";
import type { Inbound, InboundContent } from "../../../core/pipeline/message.ts";
import { runDialogue } from "./run-dialogue.ts";

type Draft = { readonly language?: string; readonly goal?: string; readonly tier?: string };

const LANGUAGES = ["en", "ru"];

function createScript(known: readonly string[] = LANGUAGES): DialogueScript<Draft> {
	return {
		kind: "onboarding",
		steps: ["language", "goal", "tier"],
		start: {},
		ask: (step, draft) => ({
			markdown: `${step}? ${JSON.stringify(draft)}`,
			buttons: [[{ label: "English", data: "lang:en" }]],
		}),
		answer(step, draft, { content }) {
			const said = content.kind === "text" ? content.text : content.kind === "action" ? content.data : "";
			if (said === "/cancel") return { kind: "cancelled", reply: { markdown: "cancelled" } };
			if (said === "explode") throw new Error("a bug");
			if (step === "language" && !known.includes(said.replace("lang:", ""))) {
				return { kind: "again", reply: { markdown: `what is ${said}?` } };
			}
			return { kind: "next", draft: { ...draft, [step]: said } };
		},
	};
}

function says(content: InboundContent | string): Inbound {
	const sender = { platform: "telegram", botId: "7", userId: "5" } as const;
	const chat = { platform: "telegram", botId: "7", id: "5", kind: "private" } as const;
	return {
		sender,
		chat,
		content: typeof content === "string" ? { kind: "text", text: content, forwarded: false } : content,
	};
}

async function play(state: unknown, said: InboundContent | string, script = createScript()) {
	const input: DialogueInput<Draft> = { script, state, inbound: says(said), body: {} };
	const output: DialogueOutput<Draft> = await runDialogue(input);
	// A restart between any two steps.
	return {
		...output,
		state: output.state === undefined ? undefined : JSON.parse(JSON.stringify(output.state)),
	};
}

function texts({ replies }: DialogueOutput<Draft>): readonly string[] {
	return replies.map(({ markdown }) => markdown);
}

test("three steps, typed or by button, with a restart between each", async () => {
	const first = await play(undefined, "/start");
	expect(first.replies).toEqual([
		{ markdown: "language? {}", buttons: [[{ label: "English", data: "lang:en" }]] },
	]);
	const second = await play(first.state, { kind: "action", actionId: "q", data: "lang:en" });
	expect(texts(second)).toEqual(['goal? {"language":"lang:en"}']);
	const third = await play(second.state, "write code");
	expect(texts(third)).toEqual(['tier? {"language":"lang:en","goal":"write code"}']);
	expect(third).not.toHaveProperty("finished");
	const last = await play(third.state, "smart");
	expect(last).toEqual({
		replies: [],
		state: undefined,
		finished: { language: "lang:en", goal: "write code", tier: "smart" },
	});
});

test("a wrong answer is asked again, and leaves nothing behind in the state", async () => {
	const first = await play(undefined, "/start");
	let state = first.state;
	for (let times = 0; times < 5; times += 1) {
		const again = await play(state, "klingon");
		expect(texts(again)).toEqual(["what is klingon?"]);
		expect(again.state).toEqual(first.state);
		state = again.state;
	}
	expect(texts(await play(state, "ru"))).toEqual(['goal? {"language":"ru"}']);
});

test("cancelling ends it, at any step", async () => {
	const first = await play(undefined, "/start");
	expect(await play(first.state, "/cancel")).toEqual({
		replies: [{ markdown: "cancelled" }],
		state: undefined,
	});
	const second = await play(first.state, "en");
	expect((await play(second.state, "/cancel")).state).toBeUndefined();
});

test("playing the same event again says and stores the same", async () => {
	const first = await play(undefined, "/start");
	expect(await play(first.state, "en")).toEqual(await play(first.state, "en"));
});

test("what was accepted stays accepted, even when the script has changed its mind", async () => {
	const first = await play(undefined, "/start");
	const second = await play(first.state, "en");
	const third = await play(second.state, "write code", createScript(["ru"]));
	expect(texts(third)).toEqual(['tier? {"language":"en","goal":"write code"}']);
});

test("a state of other steps, or of no sense at all, begins the dialogue", async () => {
	const first = await play(undefined, "/start");
	const other: DialogueScript<Draft> = { ...createScript(), steps: ["goal", "tier"] };
	expect(texts(await play(first.state, "x", other))).toEqual(["goal? {}"]);
	for (const state of [
		42,
		"x",
		{},
		{ version: "1" },
		{ version: [0, "onboarding:language,goal,tier"], state: { onboarding: [{}] } },
	]) {
		expect(texts(await play(state, "x"))).toEqual(["language? {}"]);
	}
});

test("a script that fails is not hidden", async () => {
	const first = await play(undefined, "/start");
	await expect(play(first.state, "explode")).rejects.toThrow("a bug");
	expect(texts(await play(first.state, "en"))).toEqual(['goal? {"language":"en"}']);
});

test("no words of the person are in the state, only what the script made of them", async () => {
	const first = await play(undefined, "secret greeting");
	expect(JSON.stringify(first.state)).not.toContain("secret");
});
