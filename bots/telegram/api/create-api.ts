import type { Transformer } from "grammy";
import { Api } from "grammy";
import type { TelegramTransport } from "./transport.ts";

/** A long poll answers by itself after its own time-out; this is for the ones that never do. */
const POLL_TIMEOUT_MS = 70_000;

/** grammY's typed methods over our own HTTP. @throws GrammyError where Telegram refuses, CallFailure where it does not answer */
export function createApi(token: string, transport: TelegramTransport): Api {
	const api = new Api(token);
	const overOwnTransport: Transformer = async (previous, method, payload, signal) => {
		const answer = await transport.call(token, method, payload, {
			...(method === "getUpdates" && { timeoutMs: POLL_TIMEOUT_MS }),
			// grammY names the type of a polyfill; what callers hand in is the platform's own.
			...(signal !== undefined && { signal: signal as unknown as AbortSignal }),
		});
		// The transport checks the envelope; what is in it is typed by the method's name.
		return answer as Awaited<ReturnType<typeof previous<typeof method>>>;
	};
	api.config.use(overOwnTransport);
	return api;
}
