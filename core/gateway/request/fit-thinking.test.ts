import { expect, test } from "@jest/globals";
import type { GatewayCall } from "../call.ts";
import { fitThinking } from "./fit-thinking.ts";
import { scanBody } from "./scan-body.ts";

function run(thinking: unknown, outputTokensMax: number): object | undefined {
	const bytes = Buffer.from(JSON.stringify({ thinking }));
	return fitThinking({ bytes, scanned: scanBody(bytes) } as unknown as GatewayCall, outputTokensMax);
}

test.each([
	["a budget with room", { type: "enabled", budget_tokens: 2_000 }, 4_000, undefined],
	["none", undefined, 100, undefined],
	["thinking that is off", { type: "disabled" }, 100, undefined],
	["thinking by itself", { type: "adaptive" }, 100, undefined],
	["a field that is none", { type: "enabled" }, 100, undefined],
	[
		...["a budget above what was paid for", { type: "enabled", budget_tokens: 8_000, display: "x" }, 4_000],
		{ type: "enabled", budget_tokens: 3_200, display: "x" },
	],
	["too little to think", { type: "enabled", budget_tokens: 8_000 }, 1_200, { type: "disabled" }],
] as [string, unknown, number, object | undefined][])("%s", (_, thinking, outputTokensMax, fitted) => {
	expect(run(thinking, outputTokensMax)).toEqual(fitted);
});
