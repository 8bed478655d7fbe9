import { randomUUID } from "node:crypto";
import type { Readable } from "node:stream";
import { addAbortSignal } from "node:stream";
import type Docker from "dockerode";
import { z } from "zod";
import { toPathParts } from "../../../cell-path.ts";
import type { CellFile } from "../../../runtime.ts";
import { DRAFTS, HOME, SHELL, VOLUME_AT } from "../container/container-body.ts";
import { readBody } from "../engine/read-body.ts";
import type { TarEntry, TarOwner } from "./to-tar.ts";
import { toTar } from "./to-tar.ts";

const PLACE_MS_MAX = 20_000;
const SAID_BYTES_MAX = 64 * 1024;
const execSchema = z.object({ ExitCode: z.number().int().nullish() });

/** Files on their way: unpacked beside the home under names of ours, from where each is put in its place by a rename. */
export type Drafts = {
	readonly directory: string;
	readonly entries: readonly TarEntry[];
	/** For PLACE: the draft, the directory it belongs in, its path. */
	readonly triples: readonly string[];
};

const top = (path: string): TarEntry => ({ path: path.slice(VOLUME_AT.length + 1) });

/** @throws TypeError for a path that leads elsewhere */
export function toDrafts(files: readonly CellFile[]): Drafts {
	const directory = `${DRAFTS}/${randomUUID()}`;
	const entries = files.map(({ content }, index) => ({ path: `${top(directory).path}/${index}`, content }));
	const triples = files.flatMap(({ path }, index) => {
		const parts = toPathParts(path);
		return [String(index), parts.slice(0, -1).join("/"), parts.join("/")];
	});
	return { directory, entries: [top(directory), ...entries], triples };
}

/**
 * Unpacks into the volume of a container that runs; its home is there afterwards, and is the agent's own. Into one that does not,
 * Podman would unpack below what the engine mounts for it.
 */
export async function unpack(
	docker: Docker,
	container: string,
	entries: readonly TarEntry[],
	owner: TarOwner,
): Promise<void> {
	const archive = toTar([top(HOME), top(DRAFTS), ...entries], owner);
	await docker.getContainer(container).putArchive(archive, { path: VOLUME_AT });
}

/** Runs the shell in a container that runs, as the agent. @returns how it ended */
export async function runInside(
	docker: Docker,
	container: string,
	shell: readonly string[],
): Promise<number | undefined> {
	const exec = await docker.getContainer(container).exec({
		...{ Cmd: [SHELL, ...shell], AttachStdout: true, AttachStderr: true },
	});
	const body = (await exec.start({})) as Readable;
	addAbortSignal(AbortSignal.timeout(PLACE_MS_MAX), body);
	await readBody(body, SAID_BYTES_MAX);
	const answer: unknown = await exec.inspect();
	return execSchema.parse(answer).ExitCode ?? undefined;
}
