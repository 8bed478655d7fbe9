import { randomUUID } from "node:crypto";
import type { Gate, TakeOutcome, TakeRequest } from "./limits.ts";
import type { LocalLimits } from "./local-limits.ts";
import { createLocalLimits } from "./local-limits.ts";
import type { SharedLimits } from "./shared-limits.ts";
import type { WaitingLine } from "./waiting-line.ts";
import { createWaitingLine } from "./waiting-line.ts";

export type AcquireRequest = {
	/** The account's calls at a time; no rates. */
	readonly account: Gate;
	/** The provider key's rates and calls at a time. */
	readonly provider: Gate;
	/** Estimated tokens of the call, both ways. */
	readonly tokens: number;
	/** 0 first, 9 last: the plan's. */
	readonly priority: number;
	/** For both gates together. */
	readonly waitMsMax: number;
	readonly signal: AbortSignal;
};

export type Permit = {
	/** Once; later calls do nothing. `tokensUsed` gives back what was estimated too high. */
	release(tokensUsed?: number): void;
};

/**
 * Who may call when. What is plainly within the limits passes at once; the others stand in line by priority, for a
 * bounded time and in bounded number. With shared limits all nodes keep them together; without, or while they are away,
 * each node keeps them for itself.
 */
export type Limiter = {
	/** @throws AppError ROUTER_RATE_LIMITED (`details.retryAfterMs`); the reason of `signal`. */
	acquire(request: AcquireRequest): Promise<Permit>;
	/** True when a call would have to wait, as far as this node knows. */
	isBusy(gate: Gate): boolean;
	close(): void;
};

export type LimiterOptions = {
	readonly shared?: SharedLimits;
	/** Milliseconds of a clock that never goes back. */
	readonly now?: () => number;
	readonly accountWaitersMax?: number;
	readonly providerWaitersMax?: number;
};

type Deps = {
	readonly local: LocalLimits;
	readonly shared: SharedLimits | undefined;
	readonly lines: Map<string, WaitingLine>;
};

/** A call that waits holds a slot of its node: one account with many chats may hold a few, not a quarter of them. */
const ACCOUNT_WAITERS_MAX = 8;
const PROVIDER_WAITERS_MAX = 2_000;
/** Among an account's own calls nobody is more important. */
const ACCOUNT_PRIORITY = 5;

export function createLimiter(options: LimiterOptions = {}): Limiter {
	const { shared, now = () => performance.now() } = options;
	const { accountWaitersMax = ACCOUNT_WAITERS_MAX, providerWaitersMax = PROVIDER_WAITERS_MAX } = options;
	const deps: Deps = { local: createLocalLimits(now), shared, lines: new Map() };

	/** Only limits that several nodes share must tell one from another. */
	const toPermitId = (): string => (shared === undefined ? "" : randomUUID());

	async function waitAt(gate: Gate, request: AcquireRequest, waitersMax: number): Promise<TakeRequest> {
		const isAccount = gate === request.account;
		const take: TakeRequest = {
			permitId: toPermitId(),
			gates: [gate],
			tokens: isAccount ? 0 : request.tokens,
		};
		const line = deps.lines.get(gate.key);
		// Nobody waits: no reason to stand in a line of one.
		if (line === undefined && (await tryTake(deps, take)).kind === "taken") return take;
		await findLine(deps, gate, waitersMax).join({
			priority: isAccount ? ACCOUNT_PRIORITY : request.priority,
			waitMsMax: request.waitMsMax,
			signal: request.signal,
			undoTake: () => giveBack(deps, take, take.tokens),
			async tryTake() {
				const outcome = await tryTake(deps, take);
				return outcome.kind === "taken" ? 0 : outcome.retryAfterMs;
			},
		});
		return take;
	}

	return {
		isBusy: (gate) => deps.lines.has(gate.key) || deps.local.waitMs(gate) > 0,
		close: () => shared?.close(),
		async acquire(request) {
			const { account, provider, tokens } = request;
			request.signal.throwIfAborted();
			if (!deps.lines.has(account.key) && !deps.lines.has(provider.key)) {
				const both: TakeRequest = { permitId: toPermitId(), gates: [account, provider], tokens };
				const outcome = shared === undefined ? deps.local.take(both) : await tryTake(deps, both);
				if (outcome.kind === "taken") return toPermit(deps, [both]);
			}
			const start = now();
			const own = await waitAt(account, request, accountWaitersMax);
			try {
				const waitMsMax = Math.max(0, request.waitMsMax - (now() - start));
				const theirs = await waitAt(provider, { ...request, waitMsMax }, providerWaitersMax);
				return toPermit(deps, [own, theirs]);
			} catch (error) {
				giveBack(deps, own, 0);
				throw error;
			}
		},
	};
}

/** Local first: it costs nothing, and it is what remains when the shared limits go away. */
async function tryTake(deps: Deps, request: TakeRequest): Promise<TakeOutcome> {
	const local = deps.local.take(request);
	if (local.kind === "full" || deps.shared === undefined) return local;
	const shared = await deps.shared.take(request);
	if (shared === undefined || shared.kind === "taken") return local;
	deps.local.undo(request);
	return shared;
}

function giveBack(deps: Deps, request: TakeRequest, tokensUnused: number): void {
	deps.local.release(request, tokensUnused);
	deps.shared?.release(request, tokensUnused);
	for (const gate of request.gates) deps.lines.get(gate.key)?.wake();
}

function toPermit(deps: Deps, taken: readonly TakeRequest[]): Permit {
	let isOut = true;
	return {
		release(tokensUsed) {
			if (!isOut) return;
			isOut = false;
			for (const request of taken) {
				const used = tokensUsed ?? request.tokens;
				giveBack(deps, request, Math.max(0, request.tokens - used));
			}
		},
	};
}

/** A line lives as long as somebody stands in it, so accounts that are quiet cost nothing. */
function findLine(deps: Deps, gate: Gate, waitersMax: number): WaitingLine {
	const known = deps.lines.get(gate.key);
	if (known !== undefined) return known;
	const line = createWaitingLine({
		waitersMax,
		waitMs: () => deps.local.waitMs(gate),
		onEmpty() {
			if (deps.lines.get(gate.key) === line) deps.lines.delete(gate.key);
		},
	});
	deps.lines.set(gate.key, line);
	return line;
}
