import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { toStorableJson } from "./storable-json.ts";

test.each([
	['{"text":"plain"}', '{"text":"plain"}'],
	['{"text":"\\u0000"}', '{"text":"\\ufffd"}'],
	['{"a\\u0000b":1}', '{"a\\ufffdb":1}'],
	['{"text":"\\\\u0000"}', '{"text":"\\\\u0000"}'],
	['{"text":"\\\\\\u0000"}', '{"text":"\\\\\\ufffd"}'],
	['{"text":"\\ud83d"}', '{"text":"\\ufffd"}'],
	['{"text":"\\uDE00\\uD83D"}', '{"text":"\\ufffd\\ufffd"}'],
	['{"text":"\\ud83d\\ude00"}', '{"text":"\\ud83d\\ude00"}'],
	['{"text":"\\ud83d\\ud83d\\ude00"}', '{"text":"\\ufffd\\ud83d\\ude00"}'],
	['{"text":"\\u4f60\\u597d"}', '{"text":"\\u4f60\\u597d"}'],
	['{"text":"\ud83d"}', '{"text":"\ufffd"}'],
	['{"text":"\ud83d\\ude00"}', '{"text":"\ufffd\\ufffd"}'],
])("%j becomes %j", (raw, stored) => {
	expect(toStorableJson(raw)).toBe(stored);
});

test("any JSON text stays the same value but for what PostgreSQL refuses", () => {
	fc.assert(
		fc.property(fc.string({ unit: "binary" }), fc.boolean(), (text, isEscaped) => {
			const raw = JSON.stringify({ text });
			const sent = isEscaped
				? raw.replace(/[^\x20-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`)
				: raw;
			const stored = JSON.parse(toStorableJson(sent)) as { text: string };
			expect(stored.text).toBe(text.toWellFormed().replaceAll("\0", "\ufffd"));
		}),
	);
});
