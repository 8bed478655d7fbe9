import { describe, expect, test } from "@jest/globals";
import { AppError } from "../../errors.ts";
import {
	createTestContext,
	createTestDeps,
	readOutcome,
	TEST_BALANCE,
} from "../../testing/command-context.ts";
import { runCommand } from "../run-command.ts";

describe("/lang", () => {
	test.each([
		["ru", "ru", "по-русски"],
		["Русский", "ru", "по-русски"],
		["中文", "zh-CN", "中文"],
		["zh_CN", "zh-CN", "中文"],
		["English", "en", "English"],
	])("%s is %s, and the answer is in it already", async (args, language, word) => {
		const deps = createTestDeps();
		const text = readOutcome(await runCommand("lang", createTestContext(deps, { args })));
		expect(deps.calls).toEqual([{ name: "setLanguage", args: ["7", language] }]);
		expect(text).toContain(word);
	});

	test.each(["", "klingon", "__proto__"])("%j sets nothing and offers the three", async (args) => {
		const deps = createTestDeps();
		const outcome = await runCommand("lang", createTestContext(deps, { args }));
		expect(deps.calls).toEqual([]);
		expect(outcome).toMatchObject({
			replies: [{ buttons: [[{ data: "lang:en" }, { data: "lang:zh-CN" }, { data: "lang:ru" }]] }],
		});
	});
});

describe("/timezone", () => {
	const run = async (args: string, overrides = {}, contextOverrides = {}) => {
		const deps = createTestDeps(overrides);
		const outcome = await runCommand("timezone", createTestContext(deps, { args, ...contextOverrides }));
		return { deps, outcome, text: readOutcome(outcome) };
	};

	test("without a place tells the zone, its time, and offers cities", async () => {
		const { deps, text } = await run("");
		expect(text).toContain("Europe/Moscow; it is 17:00 there");
		expect(text).toContain("London");
		expect(deps.calls).toEqual([]);
	});

	test("asks for the change and tells from when the new zone counts", async () => {
		const balance = { ...TEST_BALANCE, zone: "America/New_York" };
		const { deps, text } = await run("New York", { balance: async () => balance });
		expect(deps.calls).toEqual([{ name: "changeZone", args: ["7", "America/New_York"] }]);
		expect(text).toContain("America/New_York counts from Fri, Nov 20, 16:00 (America/New_York)");
	});

	test("tells that it counts at once where it does", async () => {
		const balance = { ...TEST_BALANCE, zone: "Asia/Tokyo", resetsAt: new Date("2026-11-20T15:00:00Z") };
		const { text } = await run("Tokyo", { balance: async () => balance });
		expect(text).toContain("Your time zone is Asia/Tokyo; it is 23:00 there.");
	});

	test("leaves the zone that counts already", async () => {
		expect((await run("Москва")).text).toContain("is your time zone already");
	});

	test("offers a choice when several places fit", async () => {
		const { deps, outcome } = await run("port");
		expect(deps.calls).toEqual([]);
		expect(outcome).toMatchObject({
			replies: [{ buttons: [[{ data: expect.stringMatching(/^tz:/) }, {}, {}], {}] }],
		});
	});

	test.each([
		"",
		"../x",
		"EST5EDT4,M3.2.0,M11.1.0",
		"posixrules",
		"posix/Europe/Moscow",
		"Factory",
		"UTC+99",
		"'; drop",
	])("never asks for %j (row 60)", async (args) => {
		expect((await run(args)).deps.calls).toEqual([]);
	});

	test("passes on that it was changed less than 30 days ago (row 61)", async () => {
		const changeZone = async () => {
			throw new AppError("REQUEST_INVALID", "", { details: { reason: "changed_recently" } });
		};
		await expect(run("Tokyo", { changeZone })).rejects.toMatchObject({ code: "REQUEST_INVALID" });
	});

	test("has buttons that fit 64 bytes", async () => {
		for (const language of ["en", "zh-CN", "ru"]) {
			const { outcome } = await run("", {}, { language });
			const buttons = outcome.kind === "reply" ? (outcome.replies[0]?.buttons ?? []).flat() : [];
			expect(buttons).toHaveLength(9);
			for (const { data } of buttons) expect(Buffer.byteLength(data)).toBeLessThanOrEqual(64);
		}
	});
});
