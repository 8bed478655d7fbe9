import { createHmac } from "node:crypto";
import type { Knex } from "knex";
import { request } from "undici";
import type { Alert } from "../db/alerts.ts";
import { claimAlertsForHook, noteHookTold } from "../db/alerts.ts";
import type { Egress } from "../egress/create-egress.ts";
import { sayAlert } from "./say-alert.ts";

export type AlertHook = {
	/** The operator's own words, so that it may be on his own network. */
	readonly url: string;
	/** Signs the body, so that whoever gets it knows it is ours. */
	readonly secret: string | undefined;
};

export type PostAlertsDeps = {
	readonly hook: AlertHook;
	readonly egress: Pick<Egress, "dispatcher">;
	readonly log: { warn(fields: object, message: string): void };
};

const ALERTS_MAX = 20;
/** Half a minute, a minute, two, four …: about an hour in all. */
const ATTEMPTS_MAX = 8;
const TIMEOUT_MS = 5_000;

/**
 * Posts new alerts to the operator's hook as JSON `{id, kind, text, instanceId, accountId, figure, why, openedAt}`, at least
 * once: the id tells repeats apart. With a secret the header `x-rockpool-signature` is `sha256=` and the HMAC of the body.
 */
export async function postAlerts(db: Knex, { hook, egress, log }: PostAlertsDeps): Promise<void> {
	const dispatcher = egress.dispatcher({ allowPrivateNetwork: true, connectMs: TIMEOUT_MS });
	for (const alert of await claimAlertsForHook(db, { limit: ALERTS_MAX, attemptsMax: ATTEMPTS_MAX })) {
		const body = JSON.stringify(toBody(alert));
		try {
			const answer = await request(hook.url, {
				...{ method: "POST", body, dispatcher },
				...{ headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS },
				headers: { "content-type": "application/json", ...sign(hook.secret, body) },
			});
			await answer.body.dump();
			const { statusCode } = answer;
			if (statusCode >= 200 && statusCode < 300) await noteHookTold(db, alert.id);
			else log.warn({ alertId: alert.id, statusCode }, "the alert hook did not take an alert");
		} catch (error) {
			log.warn({ err: error, alertId: alert.id }, "the alert hook was not reached");
		}
	}
}

function toBody(alert: Alert): object {
	const { id, kind, instanceId, accountId, figure, why, openedAt } = alert;
	return {
		...{ id, kind, text: sayAlert(alert, "en") },
		...{
			instanceId: instanceId ?? null,
			accountId: accountId ?? null,
			figure: figure ?? null,
			why: why ?? null,
		},
		openedAt: openedAt.toISOString(),
	};
}

function sign(secret: string | undefined, body: string): Record<string, string> {
	if (secret === undefined) return {};
	return { "x-rockpool-signature": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}` };
}
