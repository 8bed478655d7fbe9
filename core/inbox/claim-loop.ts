import { TURN_GATHER_MS } from "../db/batcher.ts";
import { COMPANY_MIN, createGather } from "../db/gather.ts";
import type { Claim } from "./claim.ts";
import type { FlowLog } from "./flow-log.ts";

/** Claims while there is room and something to claim; one statement at a time. */
export type ClaimLoop = {
	/** Something may be due: looks at once, or once more after the look that is under way. */
	kick(): void;
	/** The look under way: it may still begin turns. Never rejects. */
	looking(): Promise<void> | undefined;
};

export type ClaimLoopOptions = {
	claim(limit: number): Promise<readonly Claim[]>;
	/** claimedAt: performance.now() before the claim was sent. */
	begin(claim: Claim, claimedAt: number): void;
	/** How many turns could begin now. */
	room(): number;
	readonly log: FlowLog;
};

/** Lanes a claim: more would make the first of them wait for the last. */
const CLAIM_MAX = 100;

export function createClaimLoop({ claim, begin, room, log }: ClaimLoopOptions): ClaimLoop {
	let look: Promise<void> | undefined;
	let isWanted = false;
	let isFailing = false;
	let timer: NodeJS.Timeout | undefined;
	const gather = createGather(TURN_GATHER_MS);

	async function claimOnce(): Promise<void> {
		isWanted = false;
		const limit = Math.min(room(), CLAIM_MAX);
		const claimedAt = performance.now();
		try {
			const claims = await claim(limit);
			// Full: with no more room than that, the ends of single turns would bring claims of single lanes.
			gather.began(claims.length >= COMPANY_MIN || claims.length === limit);
			for (const one of claims) begin(one, claimedAt);
			if (claims.length === limit) isWanted = true;
			if (isFailing) log.info({}, "claims work again");
			isFailing = false;
		} catch (error) {
			if (!isFailing) log.error({ err: error }, "claims fail; polling goes on");
			isFailing = true;
			isWanted = false;
		}
	}

	function kick(): void {
		isWanted = true;
		if (look !== undefined || timer !== undefined || room() <= 0) return;
		const restMs = gather.restMs(0);
		if (restMs > 0) {
			timer = setTimeout(kickLater, Math.ceil(restMs));
			return;
		}
		look = claimOnce().finally(() => {
			look = undefined;
			if (isWanted) kick();
		});
	}

	function kickLater(): void {
		timer = undefined;
		if (isWanted) kick();
	}
	return { kick, looking: () => look };
}
