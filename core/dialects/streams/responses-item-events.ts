import type { ItemSource } from "../answers/responses-items.ts";
import { toContentPart, toSummaryPart } from "../answers/responses-items.ts";
import type { JsonObject } from "../types.ts";

/** Where in the response an event belongs. */
export type ItemPlace = { readonly item_id: string; readonly output_index: number };

export type ItemEvents = {
	opened(source: ItemSource, place: ItemPlace, item: JsonObject): string;
	delta(kind: ItemSource["kind"], place: ItemPlace, text: string): string;
	done(source: ItemSource, place: ItemPlace, item: JsonObject): string;
};

type ToEvent = (type: string, fields: JsonObject) => string;

/** The events of one item, from its opening to its end; each kind of item has its own names for them. */
export function createItemEvents(toEvent: ToEvent): ItemEvents {
	return {
		opened(source, place, item) {
			const added = toEvent("response.output_item.added", { output_index: place.output_index, item });
			return `${added}${openPart(toEvent, source, place)}`;
		},
		delta(kind, place, delta) {
			switch (kind) {
				case "tool":
					return toEvent("response.function_call_arguments.delta", { ...place, delta });
				case "thinking":
					return toEvent("response.reasoning_summary_text.delta", { ...place, summary_index: 0, delta });
				case "refusal":
					return toEvent("response.refusal.delta", { ...place, content_index: 0, delta });
				default:
					return toEvent("response.output_text.delta", { ...place, content_index: 0, delta, logprobs: [] });
			}
		},
		done(source, place, item) {
			const closed = closePart(toEvent, source, place);
			return `${closed}${toEvent("response.output_item.done", { output_index: place.output_index, item })}`;
		},
	};
}

function openPart(toEvent: ToEvent, source: ItemSource, place: ItemPlace): string {
	if (source.kind === "tool") return "";
	if (source.kind === "thinking") {
		return toEvent("response.reasoning_summary_part.added", {
			...place,
			summary_index: 0,
			part: toSummaryPart(""),
		});
	}
	return toEvent("response.content_part.added", {
		...place,
		content_index: 0,
		part: toContentPart(source.kind, ""),
	});
}

function closePart(toEvent: ToEvent, source: ItemSource, place: ItemPlace): string {
	const { text } = source;
	if (source.kind === "tool") {
		return toEvent("response.function_call_arguments.done", { ...place, name: source.name, arguments: text });
	}
	if (source.kind === "thinking") {
		const at = { ...place, summary_index: 0 };
		const told = toEvent("response.reasoning_summary_text.done", { ...at, text });
		return `${told}${toEvent("response.reasoning_summary_part.done", { ...at, part: toSummaryPart(text) })}`;
	}
	const at = { ...place, content_index: 0 };
	const told =
		source.kind === "refusal"
			? toEvent("response.refusal.done", { ...at, refusal: text })
			: toEvent("response.output_text.done", { ...at, text, logprobs: [] });
	return `${told}${toEvent("response.content_part.done", { ...at, part: toContentPart(source.kind, text) })}`;
}
