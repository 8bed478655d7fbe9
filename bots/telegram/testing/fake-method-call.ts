import { FakeApiError, tooManyRequests } from "./fake-error.ts";
import type { FakeFault, FakeFaults } from "./fake-faults.ts";
import { FAKE_METHODS } from "./fake-methods.ts";
import { parseParams } from "./fake-params.ts";
import type { Random } from "./fake-random.ts";
import type { FakeBotState } from "./fake-state.ts";
import type { FakeUpdateQueue } from "./fake-updates.ts";
import type { FakeWebhook } from "./fake-webhook.ts";

export type FakeBotEntry = {
	readonly state: FakeBotState;
	readonly updates: FakeUpdateQueue;
	readonly webhook: FakeWebhook;
};

export type FakeMethodDeps = {
	readonly faults: FakeFaults;
	readonly random: Random;
	readonly nowMs: () => number;
};

export type FakeOutcome =
	| { readonly kind: "ok"; readonly result: unknown }
	| { readonly kind: "failed"; readonly error: FakeApiError }
	| { readonly kind: "html"; readonly status: number }
	| { readonly kind: "dropped" };

type Request = {
	readonly contentType: string;
	readonly query: string;
	readonly body: Buffer;
	readonly signal: AbortSignal;
};

/** Runs one method with the faults planned for it. Never throws. */
export async function callFakeMethod(
	deps: FakeMethodDeps,
	entry: FakeBotEntry,
	method: string,
	request: Request,
): Promise<{ readonly outcome: FakeOutcome; readonly chatId: number | undefined }> {
	let chatId: number | undefined;
	try {
		const run = FAKE_METHODS.get(method);
		if (run === undefined) throw new FakeApiError(404, "Not Found: method not found");
		const params = parseParams(request.contentType, request.query, request.body);
		chatId = params.integer("chat_id");
		const fault = await prepare(deps, entry, method, chatId);
		const early = failBefore(deps, fault, entry, chatId);
		if (early !== undefined) return { outcome: early, chatId };
		const { state: bot, updates, webhook } = entry;
		const nowMs = deps.nowMs();
		const result = await run({ bot, updates, webhook, params, signal: request.signal, nowMs });
		return { outcome: spoil(fault, result), chatId };
	} catch (error) {
		const known = error instanceof FakeApiError ? error : new FakeApiError(500, "Internal Server Error");
		return { outcome: { kind: "failed", error: known }, chatId };
	}
}

/** Waits as long as the call is told to take, and draws what will go wrong with it. */
async function prepare(
	deps: FakeMethodDeps,
	entry: FakeBotEntry,
	method: string,
	chatId: number | undefined,
): Promise<FakeFault | undefined> {
	const chat = chatId === undefined ? undefined : entry.state.chats.get(chatId);
	const plans = [chat?.faults, entry.state.faults, deps.faults].filter((plan) => plan !== undefined);
	const latencyMs = Math.max(...plans.map((plan) => plan.latencyMs));
	if (latencyMs > 0) await delay(latencyMs);
	for (const plan of plans) {
		const fault = plan.take(method, deps.random);
		if (fault?.kind === "hang") await delay(fault.ms);
		if (fault !== undefined) return fault;
	}
	return undefined;
}

/** What ends a call before it has any effect. */
function failBefore(
	deps: FakeMethodDeps,
	fault: FakeFault | undefined,
	entry: FakeBotEntry,
	chatId: number | undefined,
): FakeOutcome | undefined {
	switch (fault?.kind) {
		case "drop-before":
			return { kind: "dropped" };
		case "html-error":
			return { kind: "html", status: fault.status ?? 502 };
		case "server-error":
			return failed(fault.status ?? 500, "Internal Server Error");
		case "refuse":
			return failed(fault.status, fault.description);
		case "rate-limit": {
			const chat = chatId === undefined ? undefined : entry.state.chats.get(chatId);
			if (chat) chat.limitedUntilMs = deps.nowMs() + fault.retryAfterSeconds * 1000;
			return { kind: "failed", error: tooManyRequests(fault.retryAfterSeconds) };
		}
		default:
			return undefined;
	}
}

/** What the caller hears of a call that has had its effect. */
function spoil(fault: FakeFault | undefined, result: unknown): FakeOutcome {
	if (fault?.kind === "drop-after") return { kind: "dropped" };
	if (fault?.kind === "error-after") return failed(fault.status ?? 500, "Internal Server Error");
	return { kind: "ok", result };
}

function failed(status: number, description: string): FakeOutcome {
	return { kind: "failed", error: new FakeApiError(status, description) };
}

async function delay(ms: number): Promise<void> {
	await new Promise((resolve) => setTimeout(resolve, ms));
}
