import { expect, test } from "@jest/globals";
import { GrammyError } from "grammy";
import { CallFailure } from "../api/call-failure.ts";
import { keepTrying, pauseMs, whyOf } from "./keep-trying.ts";

const patience = { baseMs: 100, maxMs: 1000 };

function refusal(status: number, parameters = {}): GrammyError {
	const answer = { ok: false, error_code: status, description: "no", parameters } as const;
	return new GrammyError("failed", answer, "sendMessage", { text: "private words" });
}

test("waits longer with every failure, up to a bound, and never in step", () => {
	for (const [failures, most] of [
		[0, 100],
		[1, 200],
		[3, 800],
		[9, 1000],
		[10_000, 1000],
	] as const) {
		const ms = pauseMs(new Error("x"), failures, patience);
		expect(ms).toBeLessThanOrEqual(most);
		expect(ms).toBeGreaterThanOrEqual(most / 2);
	}
});

test("Telegram's own time goes before ours", () => {
	expect(pauseMs(refusal(429, { retry_after: 7 }), 0, patience)).toBe(7000);
	expect(pauseMs(refusal(401), 0, patience)).toBe(60_000);
	expect(pauseMs(refusal(429, { retry_after: 9999 }), 0, patience)).toBe(3_600_000);
});

test("a reason never tells what was sent or stored", () => {
	expect(whyOf(refusal(400))).toBe("400: no");
	expect(whyOf(new CallFailure("getMe", "ECONNREFUSED", false))).toBe("getMe: ECONNREFUSED");
	const fromDatabase = Object.assign(new Error("insert … values ('private words')"), { code: "23505" });
	expect(whyOf(fromDatabase)).toBe("Error 23505");
	expect(whyOf("private words")).toBe("unknown");
});

test("tries until it succeeds, and tells the same trouble once", async () => {
	const warned: string[] = [];
	const log = {
		info: () => {},
		warn: (facts: object) => void warned.push(JSON.stringify(facts)),
		error: () => {},
	};
	let left = 4;
	const task = async () => {
		left -= 1;
		if (left > 0) throw new CallFailure("getMe", left > 1 ? "ECONNREFUSED" : "ENOTFOUND", false);
		return await Promise.resolve("done");
	};
	const signal = new AbortController().signal;
	expect(await keepTrying(task, "getMe", log, { signal, baseMs: 1, maxMs: 2 })).toBe("done");
	expect(warned).toHaveLength(2);
});

test("gives up at once when told to", async () => {
	const aborter = new AbortController();
	const log = { info: () => {}, warn: () => aborter.abort(), error: () => {} };
	const task = async () => await Promise.reject(new Error("always"));
	const patient = { signal: aborter.signal, baseMs: 60_000, maxMs: 60_000 };
	expect(await keepTrying(task, "x", log, patient)).toBeUndefined();
	expect(await keepTrying(task, "x", log, patient)).toBeUndefined();
});
