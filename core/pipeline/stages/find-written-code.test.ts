import { expect, test } from "@jest/globals";
import { findWrittenCode } from "./find-written-code.ts";

const text = (words: string, forwarded = false) => ({ kind: "text", text: words, forwarded }) as const;

test.each([
	["/bind ABCDE-12345", "ABCDE-12345"],
	["/BIND  abcde 12345 ", "abcde 12345"],
	["/绑定 ABCD-EFGH-1234-5678", "ABCD-EFGH-1234-5678"],
	["/start AbCdEfGhIjKlMnOpQrStU-", "AbCdEfGhIjKlMnOpQrStU-"],
	[" abcde-12345 ", "abcde-12345"],
	["/bind", undefined],
	["/bind x", undefined],
	["/start", undefined],
	["/usage ABCDE-12345", undefined],
	["hello-world", undefined],
	["/bind@other_bot ABCDE-12345", undefined],
])("%j holds %j", (words, code) => {
	expect(findWrittenCode(text(words))).toBe(code);
});

test("what was forwarded, and what is no text, is not looked at", () => {
	expect(findWrittenCode(text("/bind ABCDE-12345", true))).toBeUndefined();
	expect(findWrittenCode({ kind: "stop" })).toBeUndefined();
});
