import { expect, test } from "@jest/globals";
import { AppError } from "../errors.ts";
import { silentLog } from "../testing/silent-log.ts";
import { createProviderLog } from "./provider-log.ts";
import type { Route } from "./route-table.ts";

const ROUTE = { provider: { providerId: "kimi" }, model: "moonshot-v1" } as Route;
const refusedKey = new AppError("ROUTER_NO_PROVIDER", "provider answered 401: no such key", {
	details: { cause: "credentials", status: 401 },
});

test("a failure is told with its provider and why; the same again only after a minute, with a count", () => {
	const log = silentLog();
	let nowMs = 0;
	const { failed } = createProviderLog(log, () => nowMs);
	for (let count = 0; count < 5; count += 1) failed(ROUTE, refusedKey);
	expect(log.lines).toEqual([
		{
			level: "warn",
			facts: {
				providerId: "kimi",
				model: "moonshot-v1",
				code: "ROUTER_NO_PROVIDER",
				cause: "credentials",
				status: 401,
				why: "provider answered 401: no such key",
			},
			message: "a provider failed",
		},
	]);
	failed(ROUTE, new AppError("ROUTER_TIMEOUT", "no first byte"));
	expect(log.lines).toHaveLength(2);
	nowMs = 60_000;
	failed(ROUTE, refusedKey);
	expect(log.lines[2]?.facts).toMatchObject({ silenced: 4 });
});

test("the words of a message a provider refuses stay out", () => {
	const log = silentLog();
	const details = { reason: "provider-refused", status: 400 };
	createProviderLog(log).failed(
		ROUTE,
		new AppError("REQUEST_INVALID", "400: my secret question", { details }),
	);
	expect(JSON.stringify(log.lines)).not.toContain("secret question");
	expect(log.lines[0]?.facts).toMatchObject({ code: "REQUEST_INVALID", status: 400 });
});

test("a breaker is told when it opens and closes", () => {
	const log = silentLog();
	const { changed } = createProviderLog(log);
	for (const state of ["open", "half-open", "open", "closed"] as const) changed("kimi", state);
	expect(log.lines.map(({ level }) => level)).toEqual(["warn", "warn", "info"]);
});
