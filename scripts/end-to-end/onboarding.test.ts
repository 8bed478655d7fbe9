import { describe, expect, test } from "@jest/globals";
import type { Language } from "../../core/pipeline/message.ts";
import { onboardingTexts } from "../../core/texts/onboarding.ts";
import { say } from "../../core/texts/say.ts";
import { LANGUAGE_NAMES } from "../../core/texts/settings.ts";
import { tierTexts } from "../../core/texts/tiers.ts";
import type { Person } from "./person.ts";
import { meet } from "./person.ts";
import { findAccount } from "./read-ledger.ts";
import { useWorld } from "./use-world.ts";

const world = useWorld();

type Answers = {
	readonly language: Language;
	/** As Telegram reports it of the person's app. */
	readonly hint: string;
	readonly place: string;
	readonly zone: string;
	readonly wish: string;
	readonly agent: string;
	readonly script: RegExp;
};

const PEOPLE: readonly Answers[] = [
	{
		language: "en",
		hint: "en-GB",
		place: "London",
		zone: "Europe/London",
		wish: "review my code",
		agent: "coder",
		script: /^[^\p{Script=Han}\p{Script=Cyrillic}]+$/u,
	},
	{
		language: "zh-CN",
		hint: "zh-hans",
		place: "上海",
		zone: "Asia/Shanghai",
		wish: "帮我做数据分析",
		agent: "ops",
		script: /\p{Script=Han}/u,
	},
	{
		language: "ru",
		hint: "ru",
		place: "Москва",
		zone: "Europe/Moscow",
		wish: "нужны идеи",
		agent: "inventor",
		script: /\p{Script=Cyrillic}/u,
	},
];

describe.each(PEOPLE)("in $language", ({ language, hint, place, zone, wish, agent, script }) => {
	const id = 300 + PEOPLE.findIndex((one) => one.language === language) * 10;
	const labels = (person: Person) =>
		(person.chat.visibleMessages().at(-1)?.buttons ?? []).flat().map(({ text }) => text);

	/** Without what Markdown draws. */
	const words = (text: string) => text.replaceAll(/\*|^- /gm, "");

	async function expectOutcome(person: Person, policy: string, agentId: string | null): Promise<void> {
		const { db } = world();
		const accountId = await findAccount(world(), person.chat);
		const account = await db("accounts").where({ id: accountId }).first();
		expect(account).toMatchObject({ language, policy, onboarded_at: expect.any(Date) });
		expect((await person.ask("/usage"))[0]).toContain(`(${zone})`);
		const lane = `telegram:${world().bot.id}:${person.chat.id}`;
		expect(await db("account_lanes").where({ lane }).first()).toMatchObject({ agent_id: agentId });
		expect(await db("dialogues").where({ user_id: String(person.chat.id) })).toEqual([]);
	}

	test("typed answers go through the three steps", async () => {
		const ann = meet(world(), id, { language: hint });
		expect(await ann.ask("/start")).toEqual([words(say(onboardingTexts.hello, language))]);
		expect(labels(ann)).toEqual(Object.values(LANGUAGE_NAMES));
		expect(await ann.ask(LANGUAGE_NAMES[language])).toEqual([words(say(onboardingTexts.zone, language))]);
		const [goal = ""] = await ann.ask(place);
		expect(goal).toContain(words(say(onboardingTexts.goal, language)));
		const [check = ""] = await ann.ask(wish);
		expect(check).toMatch(script);
		expect(check).toContain(LANGUAGE_NAMES[language]);
		const [done = ""] = await ann.ask(say(tierTexts.BEST, language));
		expect(done).toMatch(script);
		expect(done).toContain(say(tierTexts.BEST, language));
		await expectOutcome(ann, "BEST", agent);
	});

	test("buttons go through the three steps", async () => {
		// His app speaks another language than he does.
		const ann = meet(world(), id + 1, { language: language === "en" ? "ru" : "en" });
		await ann.ask("/start");
		await ann.press(LANGUAGE_NAMES[language]);
		expect(labels(ann).length).toBeGreaterThan(3);
		const zoned = await ann.press(`ob:zone:${zone}`).catch(async () => ({ texts: await ann.ask(place) }));
		expect(zoned.texts[0]).toContain(words(say(onboardingTexts.goal, language)));
		const { texts } = await ann.press(say(onboardingTexts.goalChat, language));
		expect(texts[0]).toContain(say(onboardingTexts.plainAgent, language));
		const [done = ""] = (await ann.press(say(tierTexts.CN_OK, language))).texts;
		expect(done).toContain(say(tierTexts.CN_OK, language));
		await expectOutcome(ann, "CN_OK", null);
	});

	test("wrong answers are asked again, an old button does nothing, /cancel leaves", async () => {
		const ann = meet(world(), id + 2, { language: hint });
		await ann.ask("/start");
		expect((await ann.ask("Klingon"))[0]).toBe(say(onboardingTexts.languageAgain, language));
		await ann.press(LANGUAGE_NAMES[language]);
		const [again = ""] = await ann.ask("Nowhereville");
		expect(again).toMatch(/Nowhereville/);
		expect(again).toMatch(script);
		expect((await ann.press(LANGUAGE_NAMES.en)).texts[0]).toContain(
			say(onboardingTexts.staleButton, language),
		);
		// Another command is run beside it, and the question stays open.
		expect((await ann.ask("/plan"))[0]).toContain("Free");
		expect(await ann.ask("/cancel")).toEqual([say(onboardingTexts.cancelled, language)]);
		const row = await world()
			.db("accounts")
			.where({ id: await findAccount(world(), ann.chat) })
			.first();
		expect(row).toMatchObject({ onboarded_at: null });
		expect(
			await world()
				.db("dialogues")
				.where({ user_id: String(id + 2) }),
		).toEqual([]);
	});
});
