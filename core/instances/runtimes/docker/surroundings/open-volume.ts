import type Docker from "dockerode";
import { z } from "zod";
import { orMissing } from "../engine/engine-refusal.ts";
import type { Names } from "../names.ts";

const volumeSchema = z.object({ Labels: z.record(z.string(), z.string()).nullish() });

/**
 * The instance's own volume, made where it is not.
 *
 * @param options of the engine's local driver, such as a size where its file system has quotas
 * @throws Error where its name is somebody else's
 */
export async function openVolume(
	docker: Docker,
	names: Names,
	instanceId: string,
	options: Readonly<Record<string, string>>,
): Promise<void> {
	const name = names.volume(instanceId);
	if ((await findLabels(docker, name)) === undefined) {
		const labels = { ...names.labels(instanceId) };
		await docker.createVolume({ Name: name, Labels: labels, DriverOpts: { ...options } });
	}
	// One that was there already is given back as it was, without a word.
	if (!names.isOf(await findLabels(docker, name), instanceId))
		throw new Error("its volume is somebody else's");
}

/** Somebody else's stays, and makes it false. @throws EngineRefusal where it is in use */
export async function removeVolume(docker: Docker, names: Names, instanceId: string): Promise<boolean> {
	const name = names.volume(instanceId);
	const labels = await findLabels(docker, name);
	if (labels === undefined) return true;
	if (!names.isOf(labels, instanceId)) return false;
	await orMissing(docker.getVolume(name).remove());
	return true;
}

/** Undefined: there is none. */
async function findLabels(
	docker: Docker,
	name: string,
): Promise<Readonly<Record<string, string>> | undefined> {
	const answer: unknown = await orMissing(docker.getVolume(name).inspect());
	return answer === undefined ? undefined : (volumeSchema.parse(answer).Labels ?? {});
}
