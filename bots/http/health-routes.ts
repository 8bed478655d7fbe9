import type { Router } from "@koa/router";
import type { Core } from "../../core/core.ts";
import type { RequestState } from "./middleware/request-id.ts";

/** A crowd of probes shares one answer, so that anyone may ask and the database does not notice. */
const READY_CACHE_MS = 1_000;
const READY_TIMEOUT_MS = 2_000;

export type HealthOptions = { readonly core: Pick<Core, "isReady">; readonly isStopping: () => boolean };

/** /healthz: the process is alive. /readyz: it may get traffic (database answers, not stopping). */
export function addHealthRoutes(router: Router<RequestState>, { core, isStopping }: HealthOptions): void {
	const isReady = createReadiness(core);

	router.get("/healthz", (ctx) => {
		ctx.body = { status: "ok" };
	});

	router.get("/readyz", async (ctx) => {
		const ready = !isStopping() && (await isReady());
		ctx.status = ready ? 200 : 503;
		ctx.body = { status: ready ? "ready" : "unavailable" };
	});
}

function createReadiness(core: Pick<Core, "isReady">): () => Promise<boolean> {
	let current: { readonly answer: Promise<boolean>; readonly askedAt: number } | undefined;
	return async () => {
		const now = performance.now();
		if (current === undefined || now - current.askedAt >= READY_CACHE_MS) {
			current = { answer: ask(core), askedAt: now };
		}
		return await current.answer;
	};
}

async function ask(core: Pick<Core, "isReady">): Promise<boolean> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<boolean>((resolve) => {
		timer = setTimeout(() => resolve(false), READY_TIMEOUT_MS);
	});
	const answer = core.isReady().catch(() => false);
	const ready = await Promise.race([answer, late]);
	clearTimeout(timer);
	return ready;
}
