import type { Readable } from "node:stream";
import { addAbortSignal } from "node:stream";
import { z } from "zod";
import { toAway } from "../engine/away.ts";

/** One line of a pull. Source: Docker Engine API 1.41, "Create an image", read 2026-12-01; Podman sends `error` alone at the end. */
const lineSchema = z.object({
	id: z.string().optional(),
	error: z.string().optional(),
	status: z.string().optional(),
	progressDetail: z.object({ current: z.number().optional(), total: z.number().optional() }).nullish(),
});

const LINE_LENGTH_MAX = 64 * 1024;
const LAYERS_MAX = 256;

/**
 * Reads a pull until it is over. `onShare`: 0 to 1, of the layers whose size is known so far.
 *
 * @throws Error with the engine's words where it fails; AppError INTERNAL where it breaks off or the signal ends it
 */
export async function followPull(
	body: Readable,
	signal: AbortSignal,
	onShare: (share: number) => void,
): Promise<void> {
	const layers = new Map<string, { readonly current: number; readonly total: number }>();
	addAbortSignal(signal, body);
	for await (const line of readLines(body)) {
		const { id, error, status, progressDetail } = parseLine(line);
		if (error !== undefined) throw new Error(`the pull failed: ${error.slice(0, 1_000)}`);
		if (id === undefined) continue;
		const { current = 0, total = 0 } = progressDetail ?? {};
		// A layer is told twice: as it comes and as it is unpacked.
		const isComing = status === undefined || status === "Downloading";
		if (isComing && total > 0 && (layers.has(id) || layers.size < LAYERS_MAX))
			layers.set(id, { current, total });
		if (status === "Download complete" || status === "Pull complete") completeLayer(layers, id);
		onShare(toShare([...layers.values()]));
	}
}

function completeLayer(
	layers: Map<string, { readonly current: number; readonly total: number }>,
	id: string,
) {
	const layer = layers.get(id);
	if (layer !== undefined) layers.set(id, { current: layer.total, total: layer.total });
}

function toShare(layers: readonly { readonly current: number; readonly total: number }[]): number {
	const total = layers.reduce((sum, layer) => sum + layer.total, 0);
	const current = layers.reduce((sum, layer) => sum + Math.min(layer.current, layer.total), 0);
	return total === 0 ? 0 : current / total;
}

function parseLine(line: string): z.infer<typeof lineSchema> {
	try {
		return lineSchema.parse(JSON.parse(line));
	} catch {
		// Words for a person, or of a later version.
		return {};
	}
}

async function* readLines(body: Readable): AsyncGenerator<string> {
	const decoder = new TextDecoder();
	let open = "";
	try {
		for await (const piece of body as AsyncIterable<Buffer>) {
			open += decoder.decode(piece, { stream: true });
			const lines = open.split("\n");
			open = lines.pop() ?? "";
			if (open.length > LINE_LENGTH_MAX) open = "";
			yield* lines;
		}
	} catch (error) {
		throw toAway(error);
	}
	if (open !== "") yield open;
}
