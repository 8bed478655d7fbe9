import { Redis } from "ioredis";

const COMMAND_TIMEOUT_MS = 250;
const CONNECT_TIMEOUT_MS = 2_000;
const RECONNECT_MS_MAX = 2_000;
/** A connection that is closed already would otherwise hold the process for two seconds. */
const DISCONNECT_TIMEOUT_MS = 200;

/**
 * A connection fit for the limiter: what cannot be done now fails now, so that the local limits take over instead of
 * callers hanging. Connects in the background and for ever again; `onError` is told once an outage. The caller ends it.
 */
export function connectRedis(url: string, onError: (error: Error) => void): Redis {
	const redis = new Redis(url, {
		commandTimeout: COMMAND_TIMEOUT_MS,
		connectTimeout: CONNECT_TIMEOUT_MS,
		enableOfflineQueue: false,
		// A script that took a permit must not be sent a second time by itself.
		autoResendUnfulfilledCommands: false,
		maxRetriesPerRequest: 0,
		disconnectTimeout: DISCONNECT_TIMEOUT_MS,
		enableAutoPipelining: true,
		retryStrategy: (times) => Math.min(times * 100, RECONNECT_MS_MAX),
	});
	let isReported = false;
	redis.on("ready", () => {
		isReported = false;
	});
	redis.on("error", (error) => {
		if (!isReported) onError(error);
		isReported = true;
	});
	return redis;
}
