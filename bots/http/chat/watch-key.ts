import type { Core } from "../../../core/core.ts";
import { AppError } from "../../../core/errors.ts";

/** A key while somebody waits for an answer under it. */
export type KeyWatch = {
	/** Aborts soon after the key stopped working. */
	readonly revoked: AbortSignal;
	end(): void;
};

/**
 * Looks at the key again and again: whoever holds a revoked one gets no more of an answer (source: security, row 41: within
 * 30 s). A database that is away says nothing about a key.
 */
export function watchKey(core: Pick<Core, "authenticateKey">, key: string, checkMs: number): KeyWatch {
	const controller = new AbortController();
	const timer = setInterval(() => {
		core.authenticateKey(key).catch((error: unknown) => {
			if (!(error instanceof AppError) || error.code !== "AUTH_INVALID_CREDENTIALS") return;
			clearInterval(timer);
			controller.abort(error);
		});
	}, checkMs);
	timer.unref();
	return { revoked: controller.signal, end: () => clearInterval(timer) };
}
