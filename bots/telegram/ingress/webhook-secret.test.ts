import { describe, expect, test } from "@jest/globals";
import { silentLog } from "../../../core/testing/silent-log.ts";
import { BOT_ID, MASTER, PATH } from "../testing/webhook-world.ts";
import { createWebhookHandler } from "./webhook-handler.ts";
import { assertSecret, derivePath, deriveSecret } from "./webhook-secret.ts";

describe("boot", () => {
	test.each([
		["no secret", []],
		["an empty secret", [""]],
		["a short one", ["x".repeat(42)]],
		["a repetitive one", ["ab".repeat(30)]],
		["a sign Telegram refuses", [`${"aB3-_defgh".repeat(5)}!`]],
	])("%s does not start", (_, secrets) => {
		const bots = [{ botId: BOT_ID, paths: [PATH], secrets }];
		const core = { accept: async () => await Promise.reject(new Error("never asked")) };
		const options = { core, bots, log: silentLog(), toStorableJson: (raw: string) => raw };
		expect(() => createWebhookHandler(options)).toThrow(/secret/);
	});
});

test("what is derived is the same on every node, different for every bot, and strong by itself", () => {
	expect(deriveSecret(MASTER, "1")).toBe(deriveSecret(MASTER, "1"));
	expect(deriveSecret(MASTER, "1")).not.toBe(deriveSecret(MASTER, "2"));
	expect(derivePath(MASTER, "1")).not.toBe(derivePath(MASTER, "2"));
	expect(deriveSecret(MASTER, "1")).not.toContain(derivePath(MASTER, "1").slice(10));
	expect(() => assertSecret(deriveSecret(MASTER, "1"))).not.toThrow();
	expect(deriveSecret(MASTER, "1")).toHaveLength(43);
});
