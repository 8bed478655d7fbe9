import type { ItemSource } from "../answers/responses-items.ts";
import { toItem, toItemId } from "../answers/responses-items.ts";
import { toResponseObject, toStatus } from "../answers/responses-object.ts";
import { toErrorFields } from "../error-body.ts";
import type { AnswerContext, JsonObject } from "../types.ts";
import type { BlockEvent } from "./blocks.ts";
import { createItemEvents } from "./responses-item-events.ts";
import type { SurfaceWriter } from "./surface-writer.ts";
import { toNamedEvent } from "./surface-writer.ts";

/**
 * An answer as the events of the Responses API, numbered without a gap.
 * Source: OpenAI API reference, "Streaming events" of responses, read 2026-11-20.
 */
export function createResponsesWriter(context: AnswerContext): SurfaceWriter {
	const output: JsonObject[] = [];
	let sequence = 0;
	let current: ItemSource | undefined;
	/** Pieces of the open item: its last events and the response hold all of it once more. */
	let pieces: string[] = [];
	/** An item is done only once it is known whether the answer was cut short in it. */
	let last: { readonly source: ItemSource; readonly itemId: string } | undefined;

	const toEvent = (type: string, fields: JsonObject): string => {
		const event = toNamedEvent(type, { type, sequence_number: sequence, ...fields });
		sequence += 1;
		return event;
	};
	const events = createItemEvents(toEvent);
	const at = (kind: ItemSource["kind"]) => ({
		item_id: toItemId(kind, context.id, output.length),
		output_index: output.length,
	});

	function closeLast(status: string): string {
		if (last === undefined) return "";
		const item = toItem(last.source, last.itemId, status);
		const place = at(last.source.kind);
		output.push(item);
		const { source } = last;
		last = undefined;
		return events.done(source, place, item);
	}

	function writeBlock(event: BlockEvent): string {
		if (event.kind === "open") {
			const done = closeLast("completed");
			current =
				event.block === "tool"
					? { kind: "tool", id: event.id, name: event.name, text: "" }
					: { kind: event.block, text: "" };
			pieces = [];
			const place = at(current.kind);
			return `${done}${events.opened(current, place, toItem(current, place.item_id, "in_progress"))}`;
		}
		if (current === undefined) return "";
		if (event.kind === "delta") {
			pieces.push(event.text);
			return events.delta(current.kind, at(current.kind), event.text);
		}
		last = { source: { ...current, text: pieces.join("") }, itemId: at(current.kind).item_id };
		current = undefined;
		return "";
	}

	return {
		start() {
			const response = toResponseObject(context, [], undefined);
			return `${toEvent("response.created", { response })}${toEvent("response.in_progress", { response })}`;
		},
		block: writeBlock,
		finish({ finish }, usage) {
			const status = toStatus(finish);
			const closed = closeLast(status);
			const response = toResponseObject(context, output, { finish, usage });
			return `${closed}${toEvent(`response.${status}`, { response })}`;
		},
		fail(error) {
			const { message, code, param } = toErrorFields("openai", error);
			return toEvent("error", { code, message, param });
		},
	};
}
