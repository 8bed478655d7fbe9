import type { AnswerContext, Surface } from "../dialects/types.ts";
import type { CallFields } from "./request/read-fields.ts";
import type { ScannedBody } from "./request/scan-body.ts";

/** One request as the exchange needs it. */
export type GatewayCall = {
	readonly kind: Surface | "embeddings";
	readonly bytes: Buffer;
	readonly scanned: ScannedBody;
	readonly fields: CallFields;
	/** What the provider is told the user is; never a name. */
	readonly userTag: string;
	readonly vendorHeaders: Readonly<Record<string, string>>;
	readonly requestId: string;
	readonly supportUrl: string | undefined;
	/** For translations; the body is parsed at the first use and once. */
	readonly context: () => AnswerContext;
};
