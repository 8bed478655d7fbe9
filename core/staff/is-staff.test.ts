import { expect, test } from "@jest/globals";
import type { Sender } from "../pipeline/message.ts";
import { createIsStaff } from "./is-staff.ts";

const isStaff = createIsStaff(["telegram:100:5"]);

test.each<[Sender, boolean]>([
	[{ platform: "telegram", botId: "100", userId: "5" }, true],
	[{ platform: "terminal", botId: "local", userId: "root" }, true],
	[{ platform: "telegram", botId: "200", userId: "5" }, false],
	[{ platform: "telegram", botId: "100", userId: "55" }, false],
	[{ platform: "wechat", botId: "100", userId: "5" }, false],
	[{ platform: "http", botId: "local", userId: "1" }, false],
	[{ platform: "telegram", botId: "local", userId: "root", displayName: "telegram:100:5" }, false],
])("%j is staff: %p", (sender, expected) => {
	expect(isStaff(sender)).toBe(expected);
});
