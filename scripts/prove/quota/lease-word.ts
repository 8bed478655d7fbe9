/** What a node with quota leases was told or has told a caller: a line of JSON that outlives the node. */
export type LeaseWord =
	/** A reservation, for a lease or for one call. */
	| { readonly about: "held"; readonly id: string }
	/** A call that ended, told once its caller has the answer. atMs: Unix ms. */
	| {
			readonly about: "call";
			readonly id: string;
			readonly accountId: string;
			readonly chargedMicro: number;
			readonly isLeased: boolean;
			readonly atMs: number;
	  }
	/** The account has not that much. */
	| { readonly about: "refused"; readonly accountId: string }
	| { readonly about: "error"; readonly text: string; readonly atMs: number };
