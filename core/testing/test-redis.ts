import { randomBytes } from "node:crypto";

/**
 * The Redis that REDIS_URL names, for one test world alone: a prefix of its own, so that worlds whose accounts and providers
 * have the same ids do not share limits. Undefined without REDIS_URL: limits are the process's own.
 */
export function findTestRedisUrl(): string | undefined {
	const url = process.env["REDIS_URL"];
	return url === undefined || url === "" ? undefined : withKeyPrefix(url);
}

/** Every key of a client of this URL begins with something nobody else uses (ioredis reads the option from the query). */
export function withKeyPrefix(redisUrl: string): string {
	const url = new URL(redisUrl);
	url.searchParams.set("keyPrefix", `rockpool-test-${randomBytes(6).toString("hex")}:`);
	return url.href;
}
