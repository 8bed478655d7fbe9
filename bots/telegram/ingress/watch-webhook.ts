import type { Api } from "grammy";
import type { TelegramLog } from "../telegram-log.ts";
import { whyOf } from "./keep-trying.ts";
import { checkWebhook, setUpWebhook } from "./webhook-setup.ts";

/** Looks at the webhook each interval and raises an alert for what is wrong. Returns what ends it. */
export function watchWebhook(options: {
	readonly api: Api;
	readonly botId: string;
	readonly hook: { readonly url: string; readonly secret: string };
	readonly log: TelegramLog;
	readonly intervalMs: number;
}): () => void {
	let isLooking = false;
	const timer = setInterval(() => {
		if (isLooking) return;
		isLooking = true;
		void look(options).finally(() => {
			isLooking = false;
		});
	}, options.intervalMs);
	timer.unref();
	return () => clearInterval(timer);
}

/** A webhook that is gone is set again. One that points elsewhere is somebody's decision: that is for a human. */
async function look({
	api,
	botId,
	hook,
	log,
	intervalMs,
}: Parameters<typeof watchWebhook>[0]): Promise<void> {
	const sinceSeconds = Math.floor((Date.now() - intervalMs) / 1000);
	try {
		const { problems, pendingCount, lastError } = await checkWebhook(api, { url: hook.url, sinceSeconds });
		if (problems.length === 0) return;
		log.error(
			{ alert: "telegram_webhook", botId, problems, pendingCount, lastError },
			"the webhook needs attention",
		);
		if (problems.includes("unset")) await setUpWebhook(api, hook);
	} catch (error) {
		log.warn({ botId, why: whyOf(error) }, "the webhook could not be checked");
	}
}
