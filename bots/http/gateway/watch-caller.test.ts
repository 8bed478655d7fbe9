import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import type { KeyGrant } from "../../../core/gateway/key-grant.ts";
import { createCallerWatch } from "./watch-caller.ts";

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

const grantOf = (keyId: string): KeyGrant => ({ keyId }) as KeyGrant;

function open() {
	const revoked = new Set<string>();
	const stopping = new AbortController();
	const asked: string[] = [];
	const watch = createCallerWatch({
		gateway: {
			async isLive({ keyId }) {
				asked.push(keyId);
				if (keyId === "unknown") throw new Error("the database is away");
				return !revoked.has(keyId);
			},
		},
		limits: { keyCheckMs: 1_000 },
		stopSignal: stopping.signal,
		left: "left",
	});
	const toResponse = (): ServerResponse =>
		Object.assign(new EventEmitter(), {
			writableFinished: false,
			destroyed: false,
		}) as unknown as ServerResponse;
	return { revoked, stopping, asked, watch, toResponse };
}

test("a revoked key ends its own calls and no others", async () => {
	const { revoked, watch, toResponse } = open();
	const [bad, good, unknown] = ["bad", "good", "unknown"].map((id) => watch(toResponse(), grantOf(id)));
	await jest.advanceTimersByTimeAsync(1_000);
	expect(bad?.signal.aborted).toBe(false);
	revoked.add("bad");
	await jest.advanceTimersByTimeAsync(1_000);
	expect(bad?.signal.reason).toMatchObject({ code: "AUTH_INVALID_CREDENTIALS" });
	expect([good?.signal.aborted, unknown?.signal.aborted]).toEqual([false, false]);
});

test("a caller who leaves before his answer is complete ends his call", () => {
	const { watch, toResponse } = open();
	const response = toResponse();
	const { signal } = watch(response, grantOf("key"));
	response.emit("close");
	expect(signal.reason).toBe("left");
});

test("a node that stops ends all calls, those too that begin afterwards", () => {
	const { stopping, watch, toResponse } = open();
	const before = watch(toResponse(), grantOf("key"));
	stopping.abort();
	const after = watch(toResponse(), grantOf("key"));
	for (const { signal } of [before, after]) {
		expect(signal.reason).toMatchObject({ status: 503, details: { reason: "stopping" } });
	}
});

test("a call that is over is not looked at any more, and without calls nothing runs", async () => {
	const { asked, watch, toResponse } = open();
	const response = toResponse();
	const over = watch(response, grantOf("over"));
	over.end();
	response.emit("close");
	await jest.advanceTimersByTimeAsync(2_000);
	expect(asked).toEqual([]);
	expect(over.signal.aborted).toBe(false);
	expect(jest.getTimerCount()).toBe(0);
	watch(toResponse(), grantOf("next"));
	await jest.advanceTimersByTimeAsync(1_000);
	expect(asked).toEqual(["next"]);
});
