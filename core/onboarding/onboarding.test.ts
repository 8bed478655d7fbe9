import { describe, expect, test } from "@jest/globals";
import { runPlainDialogue } from "../dialogues/plain-engine.ts";
import { AppError } from "../errors.ts";
import type { Inbound, InboundContent, Language } from "../pipeline/message.ts";
import {
	createTestContext,
	createTestDeps,
	TEST_AGENTS,
	TEST_BALANCE,
	testFindZone,
} from "../testing/command-context.ts";
import { LANGUAGES } from "../texts/say.ts";
import { applyOnboarding } from "./apply-onboarding.ts";
import { belongsToDialogue } from "./belongs-to-dialogue.ts";
import { createOnboarding } from "./create-onboarding.ts";
import type { OnboardingDraft } from "./draft.ts";

const chat = { platform: "wechat", botId: "1", id: "5", kind: "private" } as const;

const suggest = (text: string) =>
	/код|code|代码/i.test(text)
		? { agents: [{ id: "coder" }], skills: [{ id: "fix" }, { id: "code-reviewer" }] }
		: { agents: [], skills: [] };

function createScript(language: Language = "en") {
	return createOnboarding({
		language,
		zone: "UTC",
		policy: "BEST",
		findZone: testFindZone,
		agents: TEST_AGENTS,
		suggest,
	});
}

function toInbound(content: InboundContent): Inbound {
	return { chat, content };
}

function toText(text: string): Inbound {
	return toInbound({ kind: "text", text, forwarded: false });
}

function press(data: string): Inbound {
	return toInbound({ kind: "action", actionId: "a", data });
}

/** Through the plain engine, the state as JSON between any two events, a new script object each time (as after a restart). */
async function play(language: Language, ...inbounds: readonly Inbound[]) {
	let output = await runPlainDialogue({
		script: createScript(language),
		state: undefined,
		inbound: toText("/start"),
		body: {},
	});
	for (const inbound of inbounds) {
		const state: unknown = output.state === undefined ? undefined : JSON.parse(JSON.stringify(output.state));
		output = await runPlainDialogue({ script: createScript(language), state, inbound, body: {} });
	}
	return { ...output, text: output.replies.map(({ markdown }) => markdown).join("\n") };
}

describe("the three steps", () => {
	test("by numbers, words and a sentence, in another language than they began", async () => {
		expect((await play("en")).text).toContain("Step 1 of 3");
		expect((await play("en", toText("3"))).text).toContain("Шаг 1 из 3");
		expect((await play("en", toText("3"), toText("Новосибирск"))).text).toContain("Шаг 2 из 3");
		const third = await play("en", toText("3"), toText("Новосибирск"), toText("хочу писать код"));
		expect(third.text).toContain("Шаг 3 из 3");
		expect(third.text).toContain("Новосибирск");
		expect(third.text).toContain("Программист");
		const done = await play(
			"en",
			toText("3"),
			toText("Новосибирск"),
			toText("хочу писать код"),
			toText("экономный"),
		);
		expect(done).toMatchObject({
			state: undefined,
			replies: [],
			finished: {
				language: "ru",
				zone: "Asia/Novosibirsk",
				agentId: "coder",
				skills: ["fix", "code-reviewer"],
				policy: "CHEAP",
			},
		});
	});

	test("by buttons alone", async () => {
		const pressed = [
			press("ob:language:zh-CN"),
			press("ob:zone:Asia/Shanghai"),
			press("ob:goal:ops"),
			press("ob:tier:china-ready"),
		];
		expect((await play("en", ...pressed)).finished).toEqual({
			language: "zh-CN",
			zone: "Asia/Shanghai",
			agentId: "ops",
			skills: null,
			policy: "CN_OK",
		});
	});

	test("just to chat, keeping the zone that is known", async () => {
		const { finished } = await play(
			"en",
			toText("English"),
			press("ob:zone:UTC"),
			toText("just chat"),
			toText("1"),
		);
		expect(finished).toMatchObject({ zone: "UTC", agentId: null, skills: null, policy: "BEST" });
	});

	test("words no rule knows lead to the plain assistant", async () => {
		const { finished } = await play(
			"en",
			toText("1"),
			toText("London"),
			toText("poems about rain"),
			toText("smart"),
		);
		expect(finished).toMatchObject({ zone: "Europe/London", agentId: null });
	});

	test.each(LANGUAGES)(
		"have buttons that fit 64 bytes and differ by their labels, in %s",
		(language: Language) => {
			const script = createScript(language);
			for (const step of script.steps) {
				const buttons = (script.ask(step, { ...script.start, language }).buttons ?? []).flat();
				expect(buttons.length).toBeGreaterThanOrEqual(3);
				expect(new Set(buttons.map(({ label }) => label)).size).toBe(buttons.length);
				for (const { data } of buttons) expect(Buffer.byteLength(data)).toBeLessThanOrEqual(64);
			}
		},
	);
});

describe("a wrong answer", () => {
	test("to the language repeats the question", async () => {
		expect((await play("en", toText("Klingon"))).text).toContain("I speak English");
	});

	test("to the zone says so and offers cities; several places become a choice", async () => {
		const unknown = await play("en", toText("1"), toText("Gondor"));
		expect(unknown.text).toContain("`Gondor`");
		expect(unknown.state).toMatchObject({ step: "zone" });
		const many = await play("en", toText("1"), toText("port"), toText("1"));
		expect(many.state).toMatchObject({ step: "goal" });
	});

	test("to the tier repeats the three", async () => {
		const { text, finished } = await play("en", toText("1"), toText("London"), toText("x"), toText("gpt-5"));
		expect(text).toContain("one of the three");
		expect(finished).toBeUndefined();
	});

	test.each([
		"ob:tier:smart",
		"ob:zone:posixrules",
		"ob:zone:Mars/Base",
		"ob:goal:root",
		"ob:",
		"ob:zone:",
		"lang:ru",
	])("by the stale or forged button %s repeats the open question", async (data) => {
		const { text, state } = await play("en", toText("1"), press(data));
		expect(text).toContain("earlier question");
		expect(text).toContain("Where are you?");
		expect(state).toMatchObject({ step: "zone", draft: { zone: "UTC" } });
	});

	test("that is a picture repeats the question", async () => {
		const photo = toInbound({ kind: "media", media: "photo" });
		expect((await play("en", photo)).text).toContain("answer with words");
	});
});

describe("/cancel", () => {
	test.each(["/cancel", "/CANCEL", "/取消", "/отмена"])("as %s leaves at any step", async (text) => {
		for (const before of [[], [toText("1")], [toText("1"), toText("London")]]) {
			const output = await play("en", ...before, toText(text));
			expect(output).toMatchObject({ state: undefined });
			expect(output.finished).toBeUndefined();
			expect(output.text).toContain("/start");
		}
	});

	test("in forwarded words is an answer like any other", async () => {
		const forwarded = toInbound({ kind: "text", text: "/cancel", forwarded: true });
		expect((await play("en", forwarded)).state).toMatchObject({ step: "language" });
	});
});

describe("what an open dialogue hears", () => {
	test.each<[string, Partial<Inbound>, boolean]>([
		["words", { content: { kind: "text", text: "Moscow", forwarded: false } }, true],
		["/cancel", { content: { kind: "text", text: "/cancel", forwarded: false } }, true],
		["/usage", { content: { kind: "text", text: "/usage", forwarded: false } }, false],
		["/start", { content: { kind: "text", text: "/start", forwarded: false } }, false],
		[
			"a command for another bot",
			{ content: { kind: "text", text: "/cancel@other", forwarded: false } },
			false,
		],
		["a forwarded command", { content: { kind: "text", text: "/usage", forwarded: true } }, true],
		["its button", { content: { kind: "action", actionId: "a", data: "ob:tier:smart" } }, true],
		["another button", { content: { kind: "action", actionId: "a", data: "stop" } }, false],
		["a photo", { content: { kind: "media", media: "photo" } }, false],
		["words in a group", { chat: { ...chat, kind: "group" } }, false],
	])("%s", (_, overrides, isHeard) => {
		const inbound: Inbound = {
			chat,
			content: { kind: "text", text: "hello", forwarded: false },
			...overrides,
		};
		expect(belongsToDialogue(inbound, "rock_bot")).toBe(isHeard);
	});
});

describe("what is written in the end", () => {
	const draft: OnboardingDraft = {
		language: "ru",
		zone: "Asia/Tokyo",
		agentId: "coder",
		skills: ["fix"],
		policy: "CHEAP",
	};

	test("is everything that was gathered, and the answer is in the new language", async () => {
		const deps = createTestDeps();
		const [reply] = await applyOnboarding(createTestContext(deps), draft, TEST_AGENTS);
		expect(deps.calls).toEqual([
			{ name: "setLanguage", args: ["7", "ru"] },
			{ name: "setPolicy", args: ["7", "CHEAP"] },
			{ name: "changeZone", args: ["7", "Asia/Tokyo"] },
			{ name: "balance", args: ["7"] },
			{
				name: "configureAgent",
				args: [{ accountId: "7", lane: "telegram:100:5", agentId: "coder", skills: ["fix"] }],
			},
			{ name: "markOnboarded", args: ["7"] },
		]);
		expect(reply?.markdown).toContain("Программист");
		expect(reply?.markdown).toContain("Экономный");
		expect(reply?.markdown).toContain("Asia/Tokyo начнёт действовать");
	});

	test("keeps a zone that may not change yet, and all the rest counts", async () => {
		const changeZone = async () => {
			throw new AppError("REQUEST_INVALID", "", { details: { reason: "changed_recently" } });
		};
		const deps = createTestDeps({ changeZone });
		const [reply] = await applyOnboarding(createTestContext(deps), draft, TEST_AGENTS);
		expect(reply?.markdown).toContain("остаётся Europe/Moscow");
		expect(deps.calls.map(({ name }) => name)).toContain("markOnboarded");
	});

	test("is not finished when the database fails", async () => {
		const changeZone = async () => {
			throw new Error("connection lost");
		};
		const deps = createTestDeps({ changeZone });
		await expect(applyOnboarding(createTestContext(deps), draft, TEST_AGENTS)).rejects.toThrow(
			"connection lost",
		);
		expect(deps.calls.map(({ name }) => name)).not.toContain("markOnboarded");
	});

	test("of the plain assistant clears the agent; the zone that counts is left alone", async () => {
		const deps = createTestDeps({ balance: async () => TEST_BALANCE });
		const plain = { ...draft, agentId: null, skills: null, zone: "Europe/Moscow" };
		await applyOnboarding(createTestContext(deps), plain, TEST_AGENTS);
		const names = deps.calls.map(({ name }) => name);
		expect(names).toContain("clearAgent");
		expect(names).not.toContain("changeZone");
	});
});
