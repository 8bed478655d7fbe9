import type { Surface } from "../dialects/types.ts";
import type { AppError } from "../errors.ts";
import type { ModelCallSource } from "../models/model-call.ts";
import type { KeyGrant } from "./key-grant.ts";

/** What every model is reached through by programs and instances: their bytes, our terms. */
export type Gateway = {
	/**
	 * What the key may do, for a caller at this address. `forwardedFor`: X-Forwarded-For, believed of trusted proxies only.
	 *
	 * @throws AppError AUTH_INVALID_CREDENTIALS; FORBIDDEN where the key is bound to other networks
	 */
	authenticate(
		key: string,
		remoteAddress: string | undefined,
		forwardedFor?: string | undefined,
	): Promise<KeyGrant>;
	/** True while the key is good, for streams that go on. @throws when the database cannot say. */
	isLive(grant: KeyGrant): Promise<boolean>;
	/** One request more of the key; the function ends it. @throws AppError RATE_LIMITED (details.retryAfterMs) */
	enter(grant: KeyGrant): Promise<() => void>;
	/** A failure in the words and the shape of the caller's dialect. */
	describeFailure(surface: GatewayRequest["surface"], error: AppError, requestId: string): GatewayFailure;
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
	/** Headers by which a vendor's API has versions; they reach a provider of the caller's own dialect. */
	readonly vendorHeaders: Readonly<Record<string, string>>;
	/** Of our own making; told to the caller. */
	readonly requestId: string;
	/** The caller's own name for the request: of any number with the same one is executed. */
	readonly idempotencyKey: string | undefined;
};

export type GatewayFailure = {
	readonly status: number;
	readonly code: string;
	readonly body: string;
	/** Undefined where waiting would not help. */
	readonly retryAfterSeconds: number | undefined;
	/** Who was asked last; undefined: nobody. */
	readonly place: GatewayHead["place"];
};

/** What is known once somebody answers; nothing of it is a vendor's secret. */
export type GatewayHead = {
	readonly status: number;
	readonly contentType: string;
	/** Undefined for an answer that is given again. */
	readonly place:
		| { readonly provider: string; readonly region: string; readonly attempts: number }
		| undefined;
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
