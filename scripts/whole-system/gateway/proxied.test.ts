import { expect, test } from "@jest/globals";
import { issueKey } from "../../../core/api-keys/issue-key.ts";
import { PATHS, post, toBody } from "./ask-raw.ts";
import { modelOf, useGateway } from "./use-gateway.ts";

const gateway = useGateway({ env: { TRUSTED_PROXIES: "127.0.0.1" } });

test("behind a trusted proxy a key is bound to its caller's network", async () => {
	const { accountId } = await gateway.addPerson();
	const { db } = gateway.world();
	const far = await issueKey(db, accountId, { networks: ["203.0.113.0/24"] });
	const near = await issueKey(db, accountId, { networks: ["127.0.0.0/8"] });
	const body = toBody("openai", modelOf("openai"));
	const from = async (key: string, forwardedFor?: string) => {
		const headers: Record<string, string> =
			forwardedFor === undefined ? {} : { "x-forwarded-for": forwardedFor };
		const { status } = await post(gateway.origin(), PATHS.openai, { key, body, headers });
		const usage = await fetch(`${gateway.origin()}/v1/usage`, {
			headers: { ...headers, authorization: `Bearer ${key}` },
		});
		expect(usage.status).toBe(status);
		return status;
	};
	expect(await from(far.key, "203.0.113.9")).toBe(200);
	expect(await from(far.key, "203.0.113.9, 198.51.100.1")).toBe(403);
	// The proxy's own address is nobody's.
	expect(await from(near.key, "198.51.100.1")).toBe(403);
	expect(await from(near.key)).toBe(403);
	const { key } = await issueKey(db, accountId);
	expect(await from(key)).toBe(200);
});
