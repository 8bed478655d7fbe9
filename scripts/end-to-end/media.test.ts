import { beforeAll, describe, expect, test } from "@jest/globals";
import { meet } from "./person.ts";
import { useWorld } from "./use-world.ts";

const world = useWorld();

beforeAll(() => {
	world().model.onMessage(/./, ({ messages }) => ({ content: `re: ${String(messages.at(-1)?.content)}` }));
});

/** Somebody who was greeted already. */
async function known(id: number) {
	const person = meet(world(), id);
	await person.ask("/new");
	return person;
}

describe("an album", () => {
	test("is told once what is not supported", async () => {
		const ann = await known(701);
		const pieces = ann.chat.sendAlbum(3);
		await ann.answered(pieces.at(-1) ?? 0);
		expect(ann.since(pieces[0] ?? 0)).toEqual([expect.stringContaining("I cannot look at photos yet")]);
	});

	test("with words is answered once, by its words", async () => {
		const ann = await known(702);
		const pieces = ann.chat.sendAlbum(3, { caption: "Which is the best?" });
		await ann.answered(pieces.at(-1) ?? 0);
		const texts = ann.since(pieces[0] ?? 0);
		expect(texts.filter((text) => text.includes("re: Which is the best?"))).toHaveLength(1);
		expect(texts.join("\n")).toContain("answers only the words");
	});
});

test.each([
	["voice", { voice: { file_id: "v", file_unique_id: "v", duration: 3 } }, "listen to voice messages"],
	[
		"a file",
		{ document: { file_id: "d", file_unique_id: "d", file_name: "../../etc/passwd" } },
		"read files",
	],
	["a sticker", { sticker: { file_id: "s", file_unique_id: "s", type: "regular" } }, "understand stickers"],
	["a place", { location: { latitude: 1, longitude: 2 } }, "use locations"],
])("%s is never met with silence", async (_, fields, words) => {
	const ann = await known(710);
	const messageId = ann.chat.sendMedia(fields);
	await ann.answered(messageId);
	expect(ann.since(messageId)).toEqual([expect.stringContaining(words)]);
});

test("an edited message is not answered again", async () => {
	const { db, model, settle } = world();
	const ann = await known(721);
	const question = ann.send("How are you?");
	await ann.answered(question);
	const asked = model.getRequests().length;
	ann.chat.editText(question, "How are you now?");
	const next = ann.send("And what next?");
	await ann.answered(next);
	await settle();
	expect(ann.since(question)).toEqual(["re: How are you?", "re: And what next?"]);
	expect(model.getRequests()).toHaveLength(asked + 1);
	const edits = await db("inbox").whereRaw("body -> 'edited_message' ->> 'message_id' = ?", [
		String(question),
	]);
	expect(edits).toEqual([expect.objectContaining({ status: "done", bot_id: String(world().bot.id) })]);
});

test("a forwarded command is words, not a command", async () => {
	const ann = await known(731);
	const messageId = ann.chat.forwardText("/delete");
	await ann.answered(messageId);
	expect(ann.since(messageId)).toEqual(["re: /delete"]);
});

test("markup of a model reaches the reader as markup, and hostile markup as words", async () => {
	const { model } = world();
	const ann = await known(741);
	model.prependFixture({
		match: { userMessage: "markup" },
		response: {
			content:
				"<script>alert(1)</script>\n\n**b** [x](javascript:alert(1)) <b>y\n\n```ts\nconst a = 1 < 2;\n```",
		},
	});
	const question = ann.send("Show me markup");
	await ann.answered(question);
	const [answer] = ann.chat.visibleMessages().slice(-1);
	expect(answer?.text).toContain("<script>alert(1)</script>");
	expect(answer?.text).toContain("const a = 1 < 2;");
	const types = answer?.entities.map(({ type }) => type);
	expect(types).toEqual(expect.arrayContaining(["bold", "pre"]));
	expect(types).not.toContain("text_link");
});

test("a long answer is cut into messages that arrive in order", async () => {
	const { model } = world();
	const ann = await known(742);
	const lines = Array.from({ length: 300 }, (_, at) => `Line ${at} of a very long answer.`);
	model.prependFixture({ match: { userMessage: "very long" }, response: { content: lines.join("\n\n") } });
	const question = ann.send("Something very long");
	await ann.answered(question);
	const texts = ann.since(question);
	expect(texts.length).toBeGreaterThan(1);
	for (const text of texts) expect(text.length).toBeLessThanOrEqual(4096);
	expect(texts.join("\n\n").split(/\n+/)).toEqual(lines);
});
