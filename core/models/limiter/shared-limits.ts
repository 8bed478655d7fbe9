import { createHash } from "node:crypto";
import type { Redis } from "ioredis";
import { z } from "zod";
import type { Gate, TakeOutcome, TakeRequest } from "./limits.ts";
import { toBuckets } from "./limits.ts";

/** The same limits for all nodes together. Undefined: Redis cannot say now, so only the local limits hold. */
export type SharedLimits = {
	take(request: TakeRequest): Promise<TakeOutcome | undefined>;
	/** Best effort: a permit that is not given back expires. */
	release(request: TakeRequest, tokensUnused: number): void;
	isUp(): boolean;
	close(): void;
};

export type SharedLimitsOptions = {
	/** From connectRedis: without time-outs of its own a silent Redis would hold every call. */
	readonly redis: Redis;
	readonly keyPrefix?: string;
	/** A permit of a dead node comes back after this long. */
	readonly permitTtlMs?: number;
	/** How long Redis is left alone after it failed. */
	readonly retryMs?: number;
	readonly onChange?: (isUp: boolean) => void;
};

/**
 * KEYS: for each gate its bucket (hash) and its permits (sorted set by expiry). ARGV: permit, ttl ms, tokens, then for each
 * gate: concurrency, requests capacity and flow a ms, tokens capacity and flow a ms (0 capacity: no rates).
 * Answers {0} or {number of the full gate, ms to wait, -1: until somebody leaves}. Redis' own clock.
 */
const TAKE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local wanted = tonumber(ARGV[3])
local levels = {}
for gate = 1, #KEYS / 2 do
	local bucket, permits, at = KEYS[gate * 2 - 1], KEYS[gate * 2], 3 + (gate - 1) * 5
	redis.call('ZREMRANGEBYSCORE', permits, '-inf', now)
	if redis.call('ZCARD', permits) >= tonumber(ARGV[at + 1]) then return {gate, -1} end
	local rcap, rflow = tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
	local tcap, tflow = tonumber(ARGV[at + 4]), tonumber(ARGV[at + 5])
	if rcap > 0 then
		local was = redis.call('HMGET', bucket, 'r', 't', 'at')
		local passed = math.max(0, now - (tonumber(was[3]) or now))
		local r = math.min(rcap, (tonumber(was[1]) or rcap) + passed * rflow)
		local t = math.min(tcap, (tonumber(was[2]) or tcap) + passed * tflow)
		local wait = math.max((1 - r) / rflow, (math.min(wanted, tcap) - t) / tflow)
		if wait > 0.001 then return {gate, math.ceil(wait)} end
		levels[gate] = {r - 1, t - wanted}
	end
end
for gate = 1, #KEYS / 2 do
	local bucket, permits = KEYS[gate * 2 - 1], KEYS[gate * 2]
	redis.call('ZADD', permits, now + ARGV[2], ARGV[1])
	redis.call('PEXPIRE', permits, ARGV[2] * 2)
	if levels[gate] then
		redis.call('HSET', bucket, 'r', levels[gate][1], 't', levels[gate][2], 'at', now)
		redis.call('PEXPIRE', bucket, 300000)
	end
end
return {0}
`;

/** KEYS as above. ARGV: permit, unused tokens. The next take cuts a level above its capacity. */
const RELEASE = `
for gate = 1, #KEYS / 2 do
	redis.call('ZREM', KEYS[gate * 2], ARGV[1])
	if tonumber(ARGV[2]) > 0 and redis.call('HEXISTS', KEYS[gate * 2 - 1], 't') == 1 then
		redis.call('HINCRBYFLOAT', KEYS[gate * 2 - 1], 't', ARGV[2])
	end
end
return 1
`;

const answerSchema = z.union([z.tuple([z.literal(0)]), z.tuple([z.number().int(), z.number()])]);

const PREFIX = "rockpool:limit:";
/**
 * Whoever was under way when a node died comes again to another one, and finds the dead node's permit in his way: below every
 * wait that ends with "busy", so that he does not read that.
 */
const PERMIT_TTL_MS = 15_000;
const RETRY_MS = 1_000;

export function createSharedLimits(options: SharedLimitsOptions): SharedLimits {
	const { redis, keyPrefix = PREFIX, permitTtlMs = PERMIT_TTL_MS, retryMs = RETRY_MS, onChange } = options;
	const take = createScript(redis, TAKE);
	const release = createScript(redis, RELEASE);
	/** Permits of this node that Redis should know of. */
	const held = new Map<string, readonly string[]>();
	let downUntil = 0;
	let up = true;

	function isUp(): boolean {
		return redis.status === "ready" && performance.now() >= downUntil;
	}

	function note(works: boolean): void {
		if (works !== up) onChange?.(works);
		up = works;
	}

	function fail(): void {
		downUntil = performance.now() + retryMs;
		note(false);
	}

	function toKeys(gates: readonly Gate[]): string[] {
		return gates.flatMap((gate) => [`${keyPrefix}${gate.key}`, `${keyPrefix}${gate.key}:permits`]);
	}

	/** Long calls keep their permits, and a Redis that lost its memory learns of them again. */
	async function renew(): Promise<void> {
		if (held.size === 0 || !isUp()) return;
		const [seconds, microseconds] = await redis.time();
		const expiresAt = Number(seconds) * 1_000 + Math.trunc(Number(microseconds) / 1_000) + permitTtlMs;
		const pipeline = redis.pipeline();
		for (const [permitId, keys] of held) {
			for (const [index, key] of keys.entries()) {
				if (index % 2 === 0) continue;
				pipeline.zadd(key, expiresAt, permitId).pexpire(key, permitTtlMs * 2);
			}
		}
		await pipeline.exec();
	}

	const renewTimer = setInterval(() => void renew().catch(fail), permitTtlMs / 3);
	renewTimer.unref();

	return {
		isUp,
		async take(request) {
			if (!isUp()) {
				note(false);
				return undefined;
			}
			const keys = toKeys(request.gates);
			try {
				const values = [request.permitId, permitTtlMs, request.tokens, ...request.gates.flatMap(toValues)];
				const answer = answerSchema.parse(await take(keys, values));
				note(true);
				if (answer[0] !== 0) return toFull(request.gates, answer[0], answer[1] ?? 0);
				held.set(request.permitId, keys);
				return { kind: "taken" };
			} catch {
				fail();
				// It may have been taken all the same; then it is given back here, or it expires.
				release(keys, [request.permitId, 0]).catch(() => undefined);
				return undefined;
			}
		},
		release(request, tokensUnused) {
			const keys = held.get(request.permitId);
			held.delete(request.permitId);
			if (keys === undefined || !isUp()) return;
			release(keys, [request.permitId, Math.max(0, Math.trunc(tokensUnused))]).catch(fail);
		},
		close: () => clearInterval(renewTimer),
	};
}

function toValues(gate: Gate): readonly number[] {
	if (gate.rates === undefined) return [gate.concurrency, 0, 0, 0, 0];
	const { requests, tokens } = toBuckets(gate.rates);
	return [gate.concurrency, requests.capacity, requests.perMs, tokens.capacity, tokens.perMs];
}

function toFull(gates: readonly Gate[], number: number, waitMs: number): TakeOutcome {
	const gateKey = gates[number - 1]?.key ?? "";
	return { kind: "full", gateKey, retryAfterMs: waitMs < 0 ? Number.POSITIVE_INFINITY : waitMs };
}

/** Sends the script's digest, and the script itself when Redis does not know it (any more). */
function createScript(
	redis: Redis,
	source: string,
): (keys: readonly string[], values: readonly (string | number)[]) => Promise<unknown> {
	const digest = createHash("sha1").update(source).digest("hex");
	return async (keys, values) => {
		try {
			return await redis.evalsha(digest, keys.length, ...keys, ...values);
		} catch (error) {
			if (!String(error).includes("NOSCRIPT")) throw error;
			return await redis.eval(source, keys.length, ...keys, ...values);
		}
	};
}
