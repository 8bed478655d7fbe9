import type { FakeAnswer, FakeRequest } from "../../../core/testing/fake-provider-server.ts";

/** What a model counted; different in every call, so that each charge can be told from the others. */
export type Counted = { readonly input: number; readonly output: number };

export type ScriptedModel = {
	answer(request: FakeRequest): FakeAnswer;
	readonly counted: readonly Counted[];
	/** Of every call, in bytes. */
	readonly promptBytes: readonly number[];
};

/** In a question: the model reads this file by the tool its client offers for it. */
export const READ_FILE = "READ-THE-FILE";
export const HELLO = "The model has spoken.";
/** Before what the tool said. */
export const TOOL_SAID = "The tool said:";

const INPUT = 12_000;
const READERS: Readonly<Record<string, string>> = { Read: "file_path", read: "path" };

/**
 * A model that knows two things: to say hello, and to read a file by a tool and say what was in it. So what a client prints
 * in the end has gone to the model, into a tool and back.
 */
export function createScriptedModel(): ScriptedModel {
	const counted: Counted[] = [];
	const promptBytes: number[] = [];
	return {
		counted,
		promptBytes,
		answer({ path, body }) {
			const usage = { input: INPUT + counted.length * 10, output: 7 + counted.length };
			counted.push(path.endsWith("/embeddings") ? { ...usage, output: 0 } : usage);
			promptBytes.push(Buffer.byteLength(JSON.stringify(body)));
			const messages = Array.isArray(body["messages"]) ? (body["messages"] as readonly unknown[]) : [];
			const file = findFile(messages);
			const reader = findReader(body["tools"]);
			if (file === undefined || reader === undefined) return { kind: "message", text: HELLO, usage };
			const result = findToolResult(messages);
			if (result !== undefined) return { kind: "message", text: `${TOOL_SAID} ${result}`, usage };
			const call = {
				id: `call_${counted.length}`,
				name: reader,
				arguments: { [READERS[reader] ?? ""]: file },
			};
			return { kind: "message", text: "Let me look.", tools: [call], usage };
		},
	};
}

function findFile(messages: readonly unknown[]): string | undefined {
	return new RegExp(`${READ_FILE} (/[\\w./-]+)`).exec(JSON.stringify(messages))?.[1];
}

/** The name of the tool that reads files, in either dialect. */
function findReader(tools: unknown): string | undefined {
	if (!Array.isArray(tools)) return undefined;
	const names = (
		tools as readonly { readonly name?: string; readonly function?: { readonly name?: string } }[]
	).map((tool) => tool.name ?? tool.function?.name ?? "");
	return names.find((name) => name in READERS);
}

type Block = { readonly type?: string; readonly text?: string; readonly content?: unknown };

/** The last one, as plain words. */
function findToolResult(messages: readonly unknown[]): string | undefined {
	const results = (messages as readonly { readonly role?: string; readonly content?: unknown }[]).flatMap(
		({ role, content }) => {
			if (role === "tool") return [toText(content)];
			if (!Array.isArray(content)) return [];
			return (content as readonly Block[])
				.filter(({ type }) => type === "tool_result")
				.map((block) => toText(block.content));
		},
	);
	return results.at(-1);
}

function toText(content: unknown): string {
	if (typeof content === "string") return content;
	if (!Array.isArray(content)) return "";
	return (content as readonly Block[]).map(({ text = "" }) => text).join("\n");
}
