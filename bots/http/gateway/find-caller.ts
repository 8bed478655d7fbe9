import type { IncomingMessage } from "node:http";
import { AppError } from "../../../core/errors.ts";
import type { Gateway } from "../../../core/gateway/gateway.ts";
import type { KeyGrant } from "../../../core/gateway/key-grant.ts";
import { findKey } from "./find-key.ts";

/** A wrong key takes the same way as none, so that time tells nothing. @throws AppError AUTH_INVALID_CREDENTIALS, FORBIDDEN */
export async function findCaller(
	gateway: Pick<Gateway, "authenticate">,
	request: IncomingMessage,
): Promise<KeyGrant> {
	const key = findKey(request);
	// Node joins repeated ones in their order.
	const forwardedFor = request.headers["x-forwarded-for"]?.toString();
	const grant = await gateway.authenticate(key ?? "", request.socket.remoteAddress, forwardedFor);
	if (key === undefined) throw new AppError("AUTH_INVALID_CREDENTIALS", "not exactly one key");
	return grant;
}
