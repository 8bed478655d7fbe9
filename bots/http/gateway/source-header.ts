import type { IncomingMessage } from "node:http";
import { AppError } from "../../../core/errors.ts";
import type { GatewayRequest } from "../../../core/gateway/gateway.ts";
import type { KeyGrant } from "../../../core/gateway/key-grant.ts";

type Source = NonNullable<GatewayRequest["source"]>;

const SOURCES: Readonly<Record<string, Source>> = {
	chat: "chat",
	heartbeat: "heartbeat",
	cron: "cron",
	"sub-agent": "sub_agent",
	sub_agent: "sub_agent",
	api: "api",
};

/**
 * What the call is, in the words of whoever makes it, where the key lets him say so; undefined leaves it to the key.
 *
 * @throws AppError REQUEST_INVALID for a word that is none
 */
export function findSource(request: IncomingMessage, { mayNameSource }: KeyGrant): Source | undefined {
	const named = request.headers["x-rockpool-source"];
	if (named === undefined || !mayNameSource) return undefined;
	const source = typeof named === "string" && Object.hasOwn(SOURCES, named) ? SOURCES[named] : undefined;
	if (source === undefined) {
		throw new AppError("REQUEST_INVALID", "no such source", {
			details: { reason: "field-invalid", field: "x-rockpool-source" },
		});
	}
	return source;
}
