import type { Readable } from "node:stream";
import type Docker from "dockerode";
import { z } from "zod";
import type { Release } from "../../../cell.ts";
import { orMissing } from "../engine/engine-refusal.ts";
import { parseRelease } from "./pinned-image.ts";
import { followPull } from "./pull-progress.ts";

/** What a cell is made of. */
export type FoundImage = {
	readonly id: string;
	/** What the image itself begins with; empty: it leaves that to its arguments. */
	readonly entrypoint: readonly string[];
};

export type Images = {
	/** As Runtime.fetch. */
	fetch(release: string): Promise<Release>;
	/** @throws TypeError for what is not pinned; Error where it is not there */
	require(release: string): Promise<FoundImage>;
};

export type ImagesOptions = {
	readonly docker: Docker;
	readonly registries: readonly string[];
	readonly onTrouble: (message: string, error: unknown) => void;
	/** For tests: after a failure nobody asks the registry again for so long. */
	readonly pauseMs?: number;
};

const imageSchema = z.object({
	Id: z.string(),
	Config: z.object({ Entrypoint: z.union([z.array(z.string()), z.string()]).nullish() }).nullish(),
});
const PULL_MS_MAX = 600_000;
const PAUSE_MS = 60_000;
const UNPINNED = "its program is not named by digest and place as it must be";
const FAILED = "its program cannot be brought here now";

type Pull = { readonly startedMs: number; share: number | undefined };

/** Images as the engine has them, each pulled by one call at a time and never by a name that may change its meaning. */
export function createImages({ docker, registries, onTrouble, pauseMs = PAUSE_MS }: ImagesOptions): Images {
	const pulls = new Map<string, Pull>();
	const failedMs = new Map<string, number>();

	async function find(release: string): Promise<FoundImage | undefined> {
		const { reference } = parseRelease(release, registries);
		const answer: unknown = await orMissing(docker.getImage(reference).inspect());
		if (answer === undefined) return undefined;
		const { Id, Config } = imageSchema.parse(answer);
		const entrypoint = Config?.Entrypoint ?? [];
		return { id: Id, entrypoint: typeof entrypoint === "string" ? [entrypoint] : entrypoint };
	}

	/** Whoever wrote such a release hears of it; it is no reason to believe that nobody can be asked. */
	function findRegistry(release: string): string | "unpinned" | undefined {
		try {
			return parseRelease(release, registries).registry;
		} catch (error) {
			onTrouble("a release is not taken", error);
			return "unpinned";
		}
	}

	async function pull(release: string): Promise<void> {
		const state: Pull = { startedMs: performance.now(), share: undefined };
		pulls.set(release, state);
		const cut = AbortSignal.timeout(PULL_MS_MAX);
		try {
			const stream = await docker.pull(release, { abortSignal: cut });
			await followPull(stream as Readable, cut, (share) => {
				state.share = share;
			});
			if ((await find(release)) === undefined) throw new Error("it was pulled and is not there");
			failedMs.delete(release);
		} catch (error) {
			failedMs.set(release, performance.now());
			onTrouble(`${release} could not be pulled`, error);
		} finally {
			pulls.delete(release);
		}
	}

	return {
		async fetch(release) {
			const registry = findRegistry(release);
			if (registry === "unpinned") return { kind: "failed", why: UNPINNED };
			if ((await find(release)) !== undefined) return { kind: "there" };
			const running = pulls.get(release);
			if (running !== undefined) return { kind: "coming", why: toWords(running) };
			// What was loaded by hand is nowhere to be had.
			if (registry === undefined) return { kind: "failed", why: FAILED };
			const lastMs = failedMs.get(release) ?? Number.NEGATIVE_INFINITY;
			if (performance.now() - lastMs < pauseMs) return { kind: "failed", why: FAILED };
			void pull(release);
			return { kind: "coming", why: "its program is being brought here" };
		},
		async require(release) {
			const found = await find(release);
			if (found === undefined) throw new Error("its program is not here");
			return found;
		},
	};
}

function toWords({ startedMs, share }: Pull): string {
	const seconds = Math.round((performance.now() - startedMs) / 1_000);
	const part = share === undefined ? "" : `, ${Math.floor(share * 100)} % of what is known of it`;
	return `its program is being brought here, for ${seconds} s so far${part}`;
}
