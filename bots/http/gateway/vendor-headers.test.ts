import { expect, test } from "@jest/globals";
import { toVendorHeaders } from "./vendor-headers.ts";

test("versions and experiments of Anthropic's clients are passed on", () => {
	const headers = {
		...{ "anthropic-version": "2026-10-21", authorization: "Bearer x", "x-api-key": "y" },
		"anthropic-beta": "interleaved-thinking-2025-05-14, fine-grained-tool-streaming-2025-05-14",
	};
	expect(toVendorHeaders(headers)).toEqual({
		"anthropic-version": "2026-10-21",
		"anthropic-beta": "interleaved-thinking-2025-05-14,fine-grained-tool-streaming-2025-05-14",
	});
});

test.each([
	["nothing", {}],
	["a version that is none", { "anthropic-version": "latest" }],
	["more than a header", { "anthropic-beta": "x: y" }],
	["what costs more than our tokens", { "anthropic-beta": "context-1m-2025-08-07" }],
	["what is faster and dearer", { "anthropic-beta": "fast-mode-2026-02-01" }],
])("%s is left out", (_, headers) => {
	expect(toVendorHeaders(headers)).toEqual({});
});
