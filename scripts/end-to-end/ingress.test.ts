import { beforeAll, describe, expect, test } from "@jest/globals";
import { request } from "undici";
import { pollUntil } from "../../core/testing/poll-until.ts";
import { withoutAccept } from "./faults.ts";
import { meet } from "./person.ts";
import { UPDATE_MODES } from "./start-world.ts";
import { useWorld } from "./use-world.ts";

describe.each(UPDATE_MODES)("by %s", (mode) => {
	const world = useWorld({ mode });
	beforeAll(() => {
		world().model.onMessage(/./, ({ messages }) => ({ content: `re: ${String(messages.at(-1)?.content)}` }));
	});

	test("while nothing can be stored nothing is acknowledged; afterwards it is answered once", async () => {
		const { bot, db, settle } = world();
		const ann = meet(world(), 501);
		await ann.ask("/new");
		let question = 0;
		let posts = 0;
		bot.webhook.onPost = ({ status }) => {
			if (status === 503) posts += 1;
		};
		await withoutAccept(db, async () => {
			question = ann.send("Is anybody there?");
			const log = async () => (await world().readLog()).split("\n").filter((line) => line.includes('"warn"'));
			await pollUntil(async () => (mode === "webhook" ? posts >= 3 : (await log()).length > 0));
			expect(bot.updates.pending()).toHaveLength(1);
		});
		await ann.answered(question);
		await settle();
		expect(ann.since(question)).toEqual(["re: Is anybody there?"]);
		await pollUntil(() => bot.updates.pending().length === 0);
	});

	test("the messages of a chat are answered in their order, each once", async () => {
		const { bot, settle } = world();
		// Half of what is acknowledged by webhook is sent once more.
		bot.webhook.duplicateRate = 0.5;
		const people = [511, 512, 513].map((id) => meet(world(), id));
		for (const person of people) await person.ask("/new");
		const last = people.map(
			(person) => [0, 1, 2, 3, 4, 5].map((at) => person.send(`message ${at}`)).at(-1) ?? 0,
		);
		for (const [at, person] of people.entries()) await person.answered(last[at] ?? 0);
		bot.webhook.duplicateRate = 0;
		await settle();
		for (const person of people) {
			const answers = person.chat.visibleTexts().filter((text) => text.startsWith("re: "));
			expect(answers).toEqual([0, 1, 2, 3, 4, 5].map((at) => `re: message ${at}`));
		}
	});

	test("a chat that says too much at once is told once, and what was taken is answered in order", async () => {
		const { db, model, settle } = world();
		const { promise: asked, resolve: answer } = Promise.withResolvers<void>();
		model.prependFixture({
			match: { userMessage: "first of many" },
			response: async () => {
				await asked;
				return { content: "re: first of many" };
			},
		});
		const ann = meet(world(), 521);
		await ann.ask("/new");
		const first = ann.send("first of many");
		for (let at = 0; at < 30; at += 1) ann.send(`more ${at}`);
		const lane = `telegram:${world().bot.id}:521`;
		await pollUntil(async () => (await db("inbox").whereLike("lane", `${lane}%`)).length === 32);
		// Told at once, beside the answer that everybody waits for.
		expect(await ann.reads(/^Too many messages at once/)).toBeDefined();
		answer();
		await settle();
		const texts = ann.since(first);
		expect(texts.filter((text) => text.startsWith("Too many messages at once"))).toHaveLength(1);
		const answers = texts.filter((text) => text.startsWith("re: more"));
		expect(answers.length).toBeGreaterThan(10);
		expect(answers).toEqual(answers.map((_, at) => `re: more ${at}`));
	});

	test("a restart in the middle of it all loses nothing", async () => {
		const { bot, settle } = world();
		const ann = meet(world(), 531);
		await ann.ask("/start");
		await ann.press("English");
		let question = 0;
		await world().restart(async () => {
			ann.send("Oslo");
			question = ann.send("write some code");
			expect(bot.updates.pending().length).toBeGreaterThan(0);
		});
		await ann.answered(question);
		expect((await ann.press("Smart")).texts).toEqual([expect.stringMatching(/^Done, I am set up: Smart/)]);
		expect(await ann.ask("Still there?")).toEqual(["re: Still there?"]);
		await settle();
	});

	test("the menu of commands is there in each language", async () => {
		const { bot } = world();
		await pollUntil(() => ["", "zh", "ru"].every((code) => bot.commands.has(`all_private_chats/${code}`)));
		const names = bot.commands.get("all_private_chats/ru")?.map(({ command }) => command);
		expect(names).toEqual(expect.arrayContaining(["start", "usage", "stop", "delete"]));
		expect(names).not.toContain("issue");
	});
});

describe("a webhook", () => {
	const world = useWorld({ mode: "webhook" });

	test("that does not know the secret is refused before its body is read", async () => {
		const { bot, db, url } = world();
		const hook = new URL(String(bot.webhook.info()["url"]));
		expect(hook.origin).toBe("https://rockpool.test");
		const post = async (headers: Record<string, string>) => {
			const { statusCode, body } = await request(`${url}${hook.pathname}`, {
				method: "POST",
				headers: { "content-type": "application/json", ...headers },
				body: JSON.stringify({
					update_id: 1,
					message: { message_id: 1, chat: { id: 5, type: "private" }, text: "hi" },
				}),
			});
			await body.dump();
			return statusCode;
		};
		expect(await post({})).toBe(401);
		expect(await post({ "x-telegram-bot-api-secret-token": "A".repeat(43) })).toBe(401);
		expect(await db("inbox")).toEqual([]);
	});
});
