import { checkUrl } from "./check-url.ts";
import type { Egress } from "./create-egress.ts";

/** dead: `why` says it for the log and the operator. */
export type Health = { readonly kind: "alive" } | { readonly kind: "dead"; readonly why: string };

export type HealthProbe = {
	/** GET {origin}/health. At most CACHE_MS old, whoever asks; many at once ask once. Never throws. */
	check(target: HealthTarget): Promise<Health>;
};

export type HealthTarget = { readonly baseUrl: string; readonly allowPrivateNetwork: boolean };

/** Source: contract, "Cloud.ru Foundation Models". */
const TIMEOUT_MS = 5_000;
const CACHE_MS = 30_000;
/** Nobody reads what a health endpoint says, and it may not say much. */
const BODY_BYTES_MAX = 64 * 1024;

/** Asks a proxy in front of a vendor whether it lives, so that a dead one is told from a vendor that fails behind it. */
export function createHealthProbe(deps: {
	readonly egress: Egress;
	readonly timeoutMs?: number;
	/** Milliseconds of a clock that never goes back. */
	readonly now?: () => number;
}): HealthProbe {
	const { egress, timeoutMs = TIMEOUT_MS, now = () => performance.now() } = deps;
	const known = new Map<string, { readonly askedAt: number; readonly health: Promise<Health> }>();
	return {
		async check(target) {
			const key = `${target.allowPrivateNetwork} ${URL.parse(target.baseUrl)?.origin ?? target.baseUrl}`;
			const last = known.get(key);
			if (last !== undefined && now() - last.askedAt < CACHE_MS) return await last.health;
			const asked = { askedAt: now(), health: ask(egress, target, timeoutMs) };
			known.set(key, asked);
			return await asked.health;
		},
	};
}

async function ask(
	egress: Egress,
	{ baseUrl, allowPrivateNetwork }: HealthTarget,
	timeoutMs: number,
): Promise<Health> {
	const check = checkUrl(baseUrl, { allowPrivateNetwork, portsAllowed: egress.portsAllowed });
	if (check.kind === "refused") return { kind: "dead", why: `its address is refused: ${check.why}` };
	const signal = AbortSignal.timeout(timeoutMs);
	try {
		const dispatcher = egress.dispatcher({ allowPrivateNetwork, connectMs: timeoutMs });
		const { statusCode, body } = await dispatcher.request({
			...{ origin: check.url.origin, path: "/health", method: "GET", signal },
			headers: { "user-agent": "rockpool", "accept-encoding": "identity" },
		});
		await body.dump({ limit: BODY_BYTES_MAX, signal });
		if (statusCode === 200) return { kind: "alive" };
		return { kind: "dead", why: `/health answered ${statusCode}` };
	} catch (error) {
		if (signal.aborted) return { kind: "dead", why: `/health did not answer in ${timeoutMs} ms` };
		return { kind: "dead", why: error instanceof Error ? error.message : String(error) };
	}
}
