import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { parseAction } from "./parse-action.ts";

describe("data of a button of ours", () => {
	test.each([
		["stop", { kind: "stop" }],
		["stop:42", { kind: "stop" }],
		["retry", { kind: "retry" }],
		["resend:42", { kind: "resend", inboxId: "42" }],
		["agent:coder", { kind: "agent", agentId: "coder" }],
		["tier:china-ready", { kind: "tier", policy: "CN_OK" }],
		["tier:economy", { kind: "tier", policy: "CHEAP" }],
		["lang:zh-CN", { kind: "lang", language: "zh-CN" }],
		["tz:America/Argentina/ComodRivadavia", { kind: "zone", zone: "America/Argentina/ComodRivadavia" }],
		["delete:abcd2345", { kind: "delete", token: "abcd2345" }],
		["unbind:abcd2345", { kind: "unbind", token: "abcd2345" }],
		["cmd:plan", { kind: "command", name: "plan" }],
		["ob:zone:Europe/Moscow", { kind: "dialogue" }],
	])("%s is read", (data, action) => {
		expect(parseAction(data)).toEqual(action);
	});
});

describe("made-up data (row 23)", () => {
	test.each([
		"",
		":",
		"stop:x",
		"retry:1",
		"resend:",
		"resend:0",
		"resend:-1",
		"resend:1e9",
		"resend:99999999999999999999",
		"resend:1;drop table inbox",
		"agent:../../x",
		"agent:",
		"tier:BEST",
		"tier:gpt-5",
		"lang:de",
		"tz:",
		"tz:Europe/Moscow'--",
		"delete:",
		"delete:short",
		"cmd:delete",
		"cmd:issue",
		"cmd:export",
		"__proto__:x",
		"constructor",
		"toString:1",
		"admin:1",
		`ob:${"x".repeat(62)}`,
		`ob:${"я".repeat(31)}`,
	])("%j is none of ours", (data) => {
		expect(parseAction(data)).toBeUndefined();
	});

	test("never throws, whatever it is", () => {
		const verb = fc.constantFrom(
			"stop",
			"resend",
			"agent",
			"tier",
			"lang",
			"tz",
			"delete",
			"cmd",
			"ob",
			"__proto__",
		);
		fc.assert(
			fc.property(verb, fc.string({ unit: "binary" }), (name, argument) => {
				parseAction(`${name}:${argument}`);
				parseAction(argument);
			}),
		);
	});
});
