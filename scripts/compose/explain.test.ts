import { expect, test } from "@jest/globals";
import { during, toReason } from "./explain.ts";

test("a failed step says what could not be done, then why, each once", async () => {
	const inner = new Error("connect ECONNREFUSED 127.0.0.1:1");
	const failed = during("the database cannot be used; look at DATABASE_URL", async () => {
		throw new Error(inner.message, { cause: inner });
	});
	await expect(failed.catch(toReason)).resolves.toBe(
		"the database cannot be used; look at DATABASE_URL: connect ECONNREFUSED 127.0.0.1:1",
	);
});

test("whatever was thrown has words", () => {
	const tried = new AggregateError([new Error("::1 refused"), new Error("127.0.0.1 refused")], "");
	expect(toReason(tried)).toBe("::1 refused, 127.0.0.1 refused");
	expect(toReason("odd")).toBe("odd");
	expect(toReason(new Error(""))).toBe("for no known reason");
});
