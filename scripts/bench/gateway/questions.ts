/** Sizes of request that are sent: a small one of 1 kB, and the turn of an agent. */
export type QuestionSize = "small" | "big";
export type QuestionDialect = "openai" | "anthropic";

export type QuestionOptions = {
	readonly dialect: QuestionDialect;
	readonly size: QuestionSize;
	readonly isStream: boolean;
	/** One event every so often instead of all at once. */
	readonly isPaced?: boolean;
};

const SMALL_BYTES = 1_000;
const BIG_BYTES = 107_000;
const OUTPUT_TOKENS_MAX = 1_024;
/** What prompts of agents look like: lines, lists, quotes, some code. */
const PROMPT = [
	'## Files\nRead a file before you change it; say "I do not know" when you do not.',
	'- `read` takes {"path": "notes/today.md"} and answers its lines\n- `write` takes a path and a text',
	"Whoever asks twice gets the same answer twice. Keep to what was asked, name what was left out and why.\n\n",
].join("\n");

/** The body of a question, of about the size's bytes. */
export function toQuestion(options: QuestionOptions): string {
	const { dialect, size, isStream, isPaced = false } = options;
	const mark = isPaced ? "bench-paced " : "";
	const system = size === "small" ? "Answer in one sentence." : fill(PROMPT, BIG_BYTES * 0.45);
	const turns = size === "small" ? [fill("What does the tide do? ", SMALL_BYTES - 330)] : toTurns();
	const messages = turns.map((content, at) => ({
		role: at % 2 === 0 ? "user" : "assistant",
		content: at === turns.length - 1 ? `${mark}${content}` : content,
	}));
	const tools = size === "small" ? {} : { tools: toTools(dialect) };
	const length = { max_tokens: OUTPUT_TOKENS_MAX, stream: isStream };
	if (dialect === "anthropic") {
		return JSON.stringify({ model: "claude-sonnet-4-5", ...length, system, messages, ...tools });
	}
	return JSON.stringify({
		model: "auto",
		...length,
		...(isStream && { stream_options: { include_usage: true } }),
		messages: [{ role: "system", content: system }, ...messages],
		...tools,
	});
}

function toTurns(): readonly string[] {
	return Array.from({ length: 21 }, (_, at) => fill(`Turn ${at}: ${PROMPT}`, BIG_BYTES * 0.019));
}

function toTools(dialect: QuestionDialect): readonly object[] {
	return Array.from({ length: 16 }, (_, at) => {
		const name = `tool_${at}`;
		const description = fill("Reads what it is told to read and answers with its lines. ", 500);
		const properties = { path: { type: "string", description }, limit: { type: "integer", minimum: 1 } };
		const schema = { type: "object", properties, required: ["path"] };
		return dialect === "anthropic"
			? { name, description, input_schema: schema }
			: { type: "function", function: { name, description, parameters: schema } };
	});
}

function fill(text: string, bytes: number): string {
	return text.repeat(Math.ceil(bytes / text.length)).slice(0, bytes);
}
