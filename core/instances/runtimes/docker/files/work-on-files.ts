import { toCellName } from "../../../cell.ts";
import type { CellFile, CellSpec } from "../../../runtime.ts";
import type { OwnContainer } from "../cells.ts";
import { toContainerBody, toPlace } from "../container/container-body.ts";
import { GO } from "../container/start-script.ts";
import { EngineRefusal } from "../engine/engine-refusal.ts";
import { feedStdin } from "../engine/feed-stdin.ts";
import type { Ground } from "../ground.ts";
import { requireAlone, tell, toBody } from "../make-cell.ts";
import { runHand } from "./hand.ts";
import type { Drafts } from "./place-files.ts";
import { runInside, toDrafts, unpack } from "./place-files.ts";

/** Of one repair or one writing of files, from its beginning. */
const HAND_MS_MAX = 25_000;
/** What a hand that only moves files may use. */
const SMALL = { cpuMillis: 1_000, memoryBytes: 64 * 1024 * 1024, processesMax: 32 };

/** Writes files of an instance through its cell where that runs, otherwise through a hand. @throws TypeError for a path that leads elsewhere */
export async function writeFiles(
	ground: Ground,
	{ instanceId, generation }: Pick<CellSpec, "instanceId" | "generation">,
	files: readonly CellFile[],
): Promise<void> {
	const drafts = toDrafts(files);
	if (files.length === 0) return;
	const cell = await ground.cells.require(toCellName(instanceId, generation));
	if (cell.state !== "running") return await placeBeside(ground, cell, drafts);
	const { docker, settings } = ground;
	const shell = toPlace(drafts, false);
	try {
		await unpack(docker, cell.id, drafts.entries, settings.user);
		requireZero(await runInside(docker, cell.id, shell));
	} catch (error) {
		// What was half unpacked would go on taking room.
		if (error instanceof EngineRefusal) {
			await runInside(docker, cell.id, toPlace({ ...drafts, triples: [] }, false)).catch(() => undefined);
		}
		throw error;
	}
}

/** Runs the agent's own repair over the files of a cell that does not run; how it ends is not asked. */
export async function mendFiles(ground: Ground, spec: CellSpec): Promise<void> {
	const { docker, names, images, cells } = ground;
	const endsAtMs = performance.now() + HAND_MS_MAX;
	const cell = await cells.require(toCellName(spec.instanceId, spec.generation));
	const image = await images.require(spec.release);
	await requireAlone(ground, spec.instanceId);
	const reach = { kind: "nothing" } as const;
	await runHand(docker, {
		...{ name: names.hand(cell.name), endsAtMs },
		body: toBody(ground, spec, { role: "hand", image, args: spec.mendArgs, reach }),
		tell: async (hand) => await tell(ground, hand, spec),
	});
}

async function placeBeside(ground: Ground, cell: OwnContainer, drafts: Drafts): Promise<void> {
	const { docker, names, settings } = ground;
	const { user, ociRuntime } = settings;
	const { instanceId } = cell.owned;
	await requireAlone(ground, instanceId);
	const body = toContainerBody({
		...{
			image: cell.image,
			shell: toPlace(drafts, true),
			limits: SMALL,
			user,
			ociRuntime,
		},
		labels: names.containerLabels({ ...cell.owned, role: "hand" }),
		...{ volume: names.volume(instanceId), reach: { kind: "nothing" } },
	});
	const ended = await runHand(docker, {
		...{ name: names.hand(cell.name), body, endsAtMs: performance.now() + HAND_MS_MAX },
		async tell(hand) {
			await unpack(docker, hand, drafts.entries, user);
			await feedStdin(settings.socketPath, hand, GO);
		},
	});
	requireZero(ended);
}

function requireZero(exitCode: number | undefined): void {
	if (exitCode !== 0) throw new Error(`its files could not be put in their places (${exitCode ?? "no end"})`);
}
