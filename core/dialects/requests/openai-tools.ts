import { isAbsent, optionalText, refuse, requireArray, requireObject, requireText } from "../fields.ts";
import type { JsonObject } from "../types.ts";

/** A function a model may call; `schema` is JSON Schema of its arguments. */
export type ToolSpec = {
	readonly name: string;
	readonly description: string | undefined;
	readonly schema: JsonObject | undefined;
	readonly strict: boolean | undefined;
	readonly cache: JsonObject | undefined;
};

export type ToolChoice =
	| { readonly kind: "auto" | "none" | "required" }
	| { readonly kind: "named"; readonly name: string };

export type ToolUse = { readonly tools: readonly ToolSpec[]; readonly choice: ToolChoice | undefined };

/** Where the two OpenAI APIs differ: chat wraps a function in `function`, Responses does not. */
export type ToolShape = "wrapped" | "flat";

/** Tools and choice of either OpenAI API; `allowed_tools` leaves only the tools it lists. */
export function readOpenAiTools(body: JsonObject, shape: ToolShape): ToolUse {
	const tools = isAbsent(body["tools"])
		? []
		: requireArray(body["tools"], "tools").map((tool, index) => readTool(tool, `tools.${index}`, shape));
	if (tools.length === 0) return { tools, choice: undefined };
	return readChoice(body["tool_choice"], tools, shape);
}

function readTool(raw: unknown, field: string, shape: ToolShape): ToolSpec {
	const tool = requireObject(raw, field);
	if (tool["type"] !== "function") refuse(`${field}.type`, "only functions can be passed on");
	const spec = shape === "wrapped" ? requireObject(tool["function"], `${field}.function`) : tool;
	const inner = shape === "wrapped" ? `${field}.function` : field;
	const schema = spec["parameters"];
	return {
		name: requireText(spec["name"], `${inner}.name`),
		description: optionalText(spec["description"], `${inner}.description`),
		schema: isAbsent(schema) ? undefined : requireObject(schema, `${inner}.parameters`),
		strict: typeof spec["strict"] === "boolean" ? spec["strict"] : undefined,
		cache: isAbsent(tool["cache_control"])
			? undefined
			: requireObject(tool["cache_control"], `${field}.cache_control`),
	};
}

function readChoice(raw: unknown, tools: readonly ToolSpec[], shape: ToolShape): ToolUse {
	if (isAbsent(raw)) return { tools, choice: undefined };
	if (raw === "auto" || raw === "none" || raw === "required") return { tools, choice: { kind: raw } };
	const choice = requireObject(raw, "tool_choice");
	if (choice["type"] === "function") {
		return { tools, choice: { kind: "named", name: readName(choice, "tool_choice", tools, shape) } };
	}
	if (choice["type"] !== "allowed_tools") refuse("tool_choice.type", "only functions can be chosen");
	const field = shape === "wrapped" ? "tool_choice.allowed_tools" : "tool_choice";
	const allowed = shape === "wrapped" ? requireObject(choice["allowed_tools"], field) : choice;
	const names = new Set(
		requireArray(allowed["tools"], `${field}.tools`).map((tool, index) =>
			readName(requireObject(tool, `${field}.tools.${index}`), `${field}.tools.${index}`, tools, shape),
		),
	);
	const kind = allowed["mode"] === "required" ? "required" : "auto";
	return { tools: tools.filter((tool) => names.has(tool.name)), choice: { kind } };
}

function readName(choice: JsonObject, field: string, tools: readonly ToolSpec[], shape: ToolShape): string {
	const holder = shape === "wrapped" ? requireObject(choice["function"], `${field}.function`) : choice;
	const name = requireText(holder["name"], shape === "wrapped" ? `${field}.function.name` : `${field}.name`);
	if (!tools.some((tool) => tool.name === name)) refuse(field, "names a tool that is not among `tools`");
	return name;
}
