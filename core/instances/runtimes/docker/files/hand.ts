import type Docker from "dockerode";
import type { ContainerCreateOptions } from "dockerode";
import { z } from "zod";
import type { ListedContainer } from "../container/container-state.ts";
import { readContainers } from "../container/container-state.ts";
import { EngineRefusal, orMissing } from "../engine/engine-refusal.ts";
import type { Names } from "../names.ts";

/** One that is older works for nobody any more: whoever had it made gave it up, or is dead. */
const AGE_MS_MAX = 32_000;
const endSchema = z.object({ StatusCode: z.number().int() });

export type HandTerms = {
	readonly name: string;
	readonly body: ContainerCreateOptions;
	/** It runs, and waits for what it is to know. */
	readonly tell: (container: string) => Promise<void>;
	/** Monotonic; it is ended then. */
	readonly endsAtMs: number;
};

/**
 * Runs a container that does one thing to an instance's files and is taken away again, whatever comes of it.
 *
 * @returns how it ended
 * @throws Error where it is not over in time
 */
export async function runHand(docker: Docker, terms: HandTerms): Promise<number> {
	const { name, body, tell, endsAtMs } = terms;
	const { id } = await docker.createContainer({ ...body, name });
	try {
		await docker.getContainer(id).start();
		await tell(id);
		const cut = AbortSignal.timeout(Math.max(1, Math.round(endsAtMs - performance.now())));
		const asked = { condition: "not-running" as const, abortSignal: cut };
		const ended: unknown = await docker.getContainer(id).wait(asked);
		return endSchema.parse(ended).StatusCode;
	} finally {
		await removeByForce(docker, id);
	}
}

/**
 * Takes away what hands of an instance are left, so that nothing else works on its files.
 *
 * @throws Error where one still works
 */
export async function clearHands(docker: Docker, names: Names, instanceId: string): Promise<void> {
	const filters = names.filter("hand", instanceId);
	const hands = readContainers(await docker.listContainers({ all: true, filters }), names);
	for (const hand of hands) {
		if (hand.state === "running" && !isOld(hand)) throw new Error("its files are being worked on");
		await removeByForce(docker, hand.id);
	}
}

/** Takes away those that work for nobody any more, whatever they do. */
export async function clearOldHands(docker: Docker, hands: readonly ListedContainer[]): Promise<void> {
	for (const { id } of hands.filter(isOld)) await removeByForce(docker, id);
}

function isOld({ createdMs }: ListedContainer): boolean {
	return Math.abs(Date.now() - createdMs) > AGE_MS_MAX;
}

/** Killed first: an engine that is to remove what runs asks it to end, and waits. */
async function removeByForce(docker: Docker, id: string): Promise<void> {
	const container = docker.getContainer(id);
	try {
		await container.kill({ signal: "SIGKILL" });
	} catch (error) {
		if (!(error instanceof EngineRefusal)) throw error;
	}
	await orMissing(container.remove({ force: true, v: true }));
}
