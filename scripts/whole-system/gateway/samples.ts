import type { FakeMessage } from "../../../core/testing/fake-provider-message.ts";

/** Two tools called at once, as a vendor says it. */
export const TWO_CALLS: FakeMessage = {
	kind: "message",
	text: "Let me look.",
	tools: [
		{ id: "call_paris", name: "weather", arguments: { city: "Paris", days: 2 } },
		{ id: "call_rome", name: "weather", arguments: { city: 'Rome "the old"' } },
	],
	usage: { input: 90, output: 40 },
};

export const CALLS = [
	["call_paris", "weather", { city: "Paris", days: 2 }],
	["call_rome", "weather", { city: 'Rome "the old"' }],
] as const;

export const SCHEMA = {
	type: "object" as const,
	properties: { city: { type: "string" }, days: { type: "integer" } },
	required: ["city", "days"],
	additionalProperties: false,
};

/** A picture of one pixel. */
export const PNG =
	"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

export const THOUGHTFUL: FakeMessage = {
	kind: "message",
	thinking: "They greet me.",
	text: "Hello there.",
	usage: { input: 12, output: 30 },
};
