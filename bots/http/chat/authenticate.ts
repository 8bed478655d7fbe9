import type { IncomingMessage } from "node:http";
import type { Core } from "../../../core/core.ts";
import { AppError } from "../../../core/errors.ts";
import { callCore } from "./call-core.ts";

export type Caller = {
	readonly accountId: string;
	readonly keyId: string;
	/** As it was sent, to be looked at again while the caller waits. */
	readonly key: string;
};

/**
 * The account behind the Bearer key. Only the Authorization header counts, once; whatever is wrong with it takes the same
 * path through core, so that time tells nothing.
 * @throws AppError AUTH_INVALID_CREDENTIALS
 */
export async function authenticate(
	core: Pick<Core, "authenticateKey">,
	request: IncomingMessage,
	timeoutMs: number,
): Promise<Caller> {
	const key = findBearerKey(request);
	const caller = await callCore(() => core.authenticateKey(key ?? ""), timeoutMs);
	if (key === undefined) throw new AppError("AUTH_INVALID_CREDENTIALS", "no usable Authorization header");
	return { ...caller, key };
}

function findBearerKey(request: IncomingMessage): string | undefined {
	const values = request.headersDistinct["authorization"] ?? [];
	const [value] = values;
	if (values.length !== 1 || value === undefined) return undefined;
	return /^bearer ([\x21-\x7e]{1,512})$/i.exec(value)?.[1];
}
