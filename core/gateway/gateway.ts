import type { Surface } from "../dialects/types.ts";
import type { ModelCallSource } from "../models/model-call.ts";
import type { KeyGrant } from "./key-grant.ts";

/** What every model is reached through by programs and instances: their bytes, our terms. */
export type Gateway = {
	/**
	 * One call, from its bytes to the end of its answer, charged. Resolves when the answer is complete and settled, or was
	 * cut after it had begun (the sink was told).
	 *
	 * @throws AppError before the answer began; nothing was charged then. REQUEST_INVALID (details.reason, details.field),
	 *   BILLING_*, ROUTER_*, RATE_LIMITED, FORBIDDEN.
	 */
	complete(request: GatewayRequest, sink: GatewaySink, signal: AbortSignal): Promise<void>;
	/** Names this key may ask for, with what they are. */
	listModels(grant: KeyGrant): Promise<readonly GatewayModel[]>;
	/** Input tokens of a messages request, as we would count them; nothing is charged. @throws AppError REQUEST_INVALID */
	countTokens(surface: Surface, bytes: Buffer): Promise<number>;
};

export type GatewayRequest = {
	readonly surface: Surface | "embeddings";
	readonly grant: KeyGrant;
	/** As it came, within the caller's cap. */
	readonly bytes: Buffer;
	/** Undefined: what the key says. */
	readonly source: ModelCallSource | undefined;
	/** Of our own making; told to the caller. */
	readonly requestId: string;
};

/** What is known once somebody answers; nothing of it is a vendor's secret. */
export type GatewayHead = {
	readonly contentType: string;
	readonly provider: string;
	readonly region: string;
	readonly attempts: number;
};

/** Where the answer goes: one caller. */
export type GatewaySink = {
	/** Once, before anything is written. */
	open(head: GatewayHead): void;
	/** False: the caller is behind; wait for `drained`. */
	write(piece: Buffer | string): boolean;
	/** Resolves when the caller has caught up or has left. */
	drained(): Promise<void>;
};

export type GatewayModel = { readonly id: string; readonly ownedBy: string };
