import type { Readable } from "node:stream";
import { addAbortSignal } from "node:stream";
import type Docker from "dockerode";
import { LOG_BYTES_MAX } from "../../../runtime.ts";
import { tailFrames } from "./tail-frames.ts";

const READ_MS_MAX = 8_000;
const LINES_MAX = 5_000;

/** The last lines a container wrote to both of its streams, at most so many and so much; a line that begins before is left out. */
export async function readLogs(
	docker: Docker,
	container: string,
	linesMax: number,
): Promise<readonly string[]> {
	const tail = Math.min(linesMax, LINES_MAX);
	if (tail <= 0) return [];
	// dockerode gives a stream only to whoever follows; the engine is not asked to go on.
	const asked = { follow: true as const, _query: { stdout: 1, stderr: 1, follow: 0, tail } };
	const body = (await docker.getContainer(container).logs(asked)) as Readable;
	addAbortSignal(AbortSignal.timeout(READ_MS_MAX), body);
	const { text, isCut } = await tailFrames(body, LOG_BYTES_MAX);
	const lines = text.split("\n");
	if (isCut) lines.shift();
	if (lines.at(-1) === "") lines.pop();
	return lines.slice(-tail);
}
