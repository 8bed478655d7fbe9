import type { Api } from "grammy";
import { ALLOWED_UPDATES } from "./allowed-updates.ts";

/** Of 1 to 100: how many posts Telegram keeps open at a time. */
const CONNECTIONS_MAX = 100;
const PENDING_MAX = 100;

/** Tells Telegram where updates go. Nothing that waits is dropped. @throws GrammyError, CallFailure */
export async function setUpWebhook(
	api: Api,
	{ url, secret }: { readonly url: string; readonly secret: string },
): Promise<void> {
	await api.setWebhook(url, {
		secret_token: secret,
		allowed_updates: ALLOWED_UPDATES,
		max_connections: CONNECTIONS_MAX,
		drop_pending_updates: false,
	});
}

export type WebhookHealth = {
	readonly pendingCount: number;
	/** unset: nobody has a webhook. elsewhere: somebody else has. behind: updates pile up. failing: Telegram got no 2xx lately. */
	readonly problems: readonly ("unset" | "elsewhere" | "behind" | "failing")[];
	/** Telegram's last complaint about us; never our address. */
	readonly lastError?: string;
};

/** What Telegram thinks of our webhook (source: design message flow, case 23). @throws GrammyError, CallFailure */
export async function checkWebhook(
	api: Api,
	options: {
		readonly url: string;
		/** Complaints from before it are old news; seconds since 1970. */
		readonly sinceSeconds: number;
		readonly pendingMax?: number;
	},
): Promise<WebhookHealth> {
	const info = await api.getWebhookInfo();
	const problems: WebhookHealth["problems"][number][] = [];
	if (info.url !== options.url)
		problems.push(info.url === "" || info.url === undefined ? "unset" : "elsewhere");
	if (info.pending_update_count > (options.pendingMax ?? PENDING_MAX)) problems.push("behind");
	if ((info.last_error_date ?? 0) >= options.sinceSeconds) problems.push("failing");
	return {
		pendingCount: info.pending_update_count,
		problems,
		...(info.last_error_message !== undefined && { lastError: info.last_error_message }),
	};
}
