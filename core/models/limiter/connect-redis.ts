import { Redis } from "ioredis";

const COMMAND_TIMEOUT_MS = 250;
const CONNECT_TIMEOUT_MS = 2_000;
const RECONNECT_MS_MAX = 2_000;

/**
 * A connection fit for the limiter: what cannot be done now fails now, so that the local limits take over instead of
 * callers hanging. Connects in the background and for ever again. The caller quits it.
 */
export function connectRedis(url: string, onError: (error: Error) => void): Redis {
	const redis = new Redis(url, {
		commandTimeout: COMMAND_TIMEOUT_MS,
		connectTimeout: CONNECT_TIMEOUT_MS,
		enableOfflineQueue: false,
		// A script that took a permit must not be sent a second time by itself.
		autoResendUnfulfilledCommands: false,
		maxRetriesPerRequest: 0,
		enableAutoPipelining: true,
		retryStrategy: (times) => Math.min(times * 100, RECONNECT_MS_MAX),
	});
	redis.on("error", onError);
	return redis;
}
