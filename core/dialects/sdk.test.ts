import { expect, test } from "@jest/globals";
import type { Finish, Surface } from "./dialect.ts";
import { run } from "./testing/chunkings.ts";
import type { Understood } from "./testing/read-with-sdk.ts";
import { readChat, readMessage, readResponse } from "./testing/read-with-sdk.ts";
import type { Recording } from "./testing/recordings.ts";
import { loadRecordings } from "./testing/recordings.ts";
import { toAnthropicUsage, toOpenAiUsage, toResponsesUsage } from "./usage.ts";

const READ: Readonly<Record<Surface, (stream: string) => Promise<Understood>>> = {
	openai: readChat,
	anthropic: readMessage,
	responses: readResponse,
};
const FINISH: Readonly<Record<Surface, Readonly<Record<Finish, string>>>> = {
	openai: {
		stop: "stop",
		length: "length",
		tool: "tool_calls",
		"content-filter": "content_filter",
		other: "stop",
	},
	anthropic: {
		stop: "end_turn",
		length: "max_tokens",
		tool: "tool_use",
		"content-filter": "refusal",
		other: "end_turn",
	},
	responses: {
		stop: "completed",
		length: "max_output_tokens",
		tool: "completed",
		"content-filter": "content_filter",
		other: "completed",
	},
};

const translated = loadRecordings().flatMap((recording) =>
	(["openai", "anthropic", "responses"] as const)
		.filter((surface) => surface !== recording.dialect)
		.map((surface) => ({ name: recording.name, surface, recording })),
);
const complete = translated.filter(
	({ recording }) => recording.ends === "done" || recording.ends === "finish",
);
const broken = translated.filter(({ recording }) => recording.ends === "cut" || recording.ends === "error");

test.each(complete)("$name is understood by the package for $surface", async ({ surface, recording }) => {
	const understood = await READ[surface](run(recording, [recording.bytes]).texts[surface]);
	const { text, refusal, thinking } = recording;
	const isAnthropic = surface === "anthropic";
	expect(understood).toMatchObject({
		text: isAnthropic ? text + refusal : text,
		refusal: isAnthropic ? "" : refusal,
		thinking,
		finish: toFinish(recording, surface),
		stopSequence: isAnthropic ? recording.stopSequence : null,
	});
	expect(understood.tools).toEqual(toTools(recording, surface));
	const usage = toUsage(recording, surface);
	if (usage === null) expect(understood.usage).toBeNull();
	else expect(understood.usage).toMatchObject(usage);
});

test.each(broken)("$name breaks off for the package for $surface", async ({ surface, recording }) => {
	const stream = run(recording, [recording.bytes]).texts[surface];
	expect(stream).not.toContain("SECRET");
	await expect(READ[surface](stream)).rejects.toThrow(
		recording.ends === "cut" ? /closed the connection/ : /provider (failed|is overloaded)/,
	);
});

test.each(translated.filter(({ surface }) => surface === "responses"))(
	"$name: the events of a response are numbered without a gap",
	({ recording }) => {
		const { responses } = run(recording, [recording.bytes]).texts;
		const numbers = [...responses.matchAll(/^data: \{"type":"[^"]+","sequence_number":(\d+)/gm)].map(
			([, number]) => Number(number),
		);
		expect(numbers.length).toBe(responses.split("\n\n").length - 1);
		expect(numbers).toEqual(numbers.map((_, index) => index));
	},
);

function toFinish({ finish, tools, stopSequence }: Recording, surface: Surface): string {
	if (surface === "anthropic" && stopSequence !== null) return "stop_sequence";
	const isTool = tools.length > 0 && finish === "stop";
	return FINISH[surface][isTool ? "tool" : (finish ?? "other")];
}

function toTools({ tools }: Recording, surface: Surface): readonly (readonly [string, string, string])[] {
	if (surface !== "anthropic") return tools;
	return tools.map(([id, name, json]) => [id, name, JSON.stringify(JSON.parse(json))] as const);
}

function toUsage({ usage }: Recording, surface: Surface): object | null {
	if (usage === null) return surface === "anthropic" ? { input_tokens: 0, output_tokens: 0 } : null;
	if (surface === "anthropic") return toAnthropicUsage(usage);
	return surface === "openai" ? toOpenAiUsage(usage) : toResponsesUsage(usage);
}
