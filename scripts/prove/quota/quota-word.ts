import type { ReserveOutcome, SettleOutcome } from "../../../core/ledger/ledger.ts";

/** What a client of the ledger was told, said once it was told and never before: a line of JSON that outlives the client. */
export type Word =
	| { readonly about: "reserve"; readonly id: string; readonly outcome: ReserveOutcome }
	| {
			readonly about: "settle";
			readonly id: string;
			readonly actualMicro: number;
			readonly outcome: SettleOutcome;
	  }
	| { readonly about: "refund"; readonly id: string; readonly kind: string }
	| { readonly about: "grant"; readonly externalId: string; readonly kind: string }
	/** atMs: Unix ms. */
	| { readonly about: "error"; readonly text: string; readonly atMs: number };

export const PACK_TOKENS = 2_000;
export const GRANT_SOURCE = "proof";
