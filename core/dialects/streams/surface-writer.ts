import type { Ending } from "../finish.ts";
import type { DialectError, Usage } from "../types.ts";
import type { BlockEvent } from "./blocks.ts";

/** Writes one answer as the event stream of a surface; each function returns the text to send. */
export type SurfaceWriter = {
	/** Before everything else but an error. `usage`: what is known of it by now. */
	start(usage: Usage | undefined): string;
	block(event: BlockEvent): string;
	/** After the last block. */
	finish(ending: Ending, usage: Usage | undefined): string;
	/** In place of an end. */
	fail(error: DialectError): string;
};

/** One event with its name, as Anthropic and Responses send it. */
export function toNamedEvent(name: string, data: object): string {
	return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
