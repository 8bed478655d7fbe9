import { parseToolArguments } from "../fields.ts";
import type { Piece } from "./piece.ts";

export type TextKind = "text" | "refusal" | "thinking";

/** Blocks one after the other: a block is closed before the next one opens. */
export type BlockEvent =
	| { readonly kind: "open"; readonly block: TextKind }
	| { readonly kind: "open"; readonly block: "tool"; readonly id: string; readonly name: string }
	| { readonly kind: "delta"; readonly text: string }
	| { readonly kind: "close" };

export type BlockSequencer = {
	push(piece: Piece): readonly BlockEvent[];
	/** Closes whatever is open. */
	finish(): readonly BlockEvent[];
};

type Block = {
	readonly kind: TextKind | "tool";
	readonly key: string;
	readonly open: BlockEvent;
	isOpen: boolean;
	unsent: string;
	/** All of a call's arguments so far; texts are not kept. */
	arguments: string;
	/** They end in the brace that whole ones end in. */
	looksWhole: boolean;
	/** How often they were found incomplete all the same. */
	attempts: number;
};

/** A call whose arguments look whole and are not, over and over, waits for the end: looking costs time. */
const ATTEMPTS_MAX = 64;

const NOTHING: readonly BlockEvent[] = [];

/**
 * Puts pieces in the order every dialect can take. The first block that is not complete is passed on as it grows; what
 * comes for later ones waits. A text is complete when something else begins, a call when its arguments are whole JSON.
 */
export function createBlockSequencer(): BlockSequencer {
	const waiting: Block[] = [];
	const calls = new Map<string, Block>();

	function advance(isEnd: boolean): readonly BlockEvent[] {
		const events: BlockEvent[] = [];
		for (let head = waiting[0]; head !== undefined; head = waiting[0]) {
			send(events, head);
			if (!isEnd && (waiting.length === 1 || !isComplete(head))) break;
			// Nobody can parse an empty text: a call without arguments has an empty object.
			if (head.kind === "tool" && head.arguments.trim() === "") events.push({ kind: "delta", text: "{}" });
			events.push({ kind: "close" });
			waiting.shift();
			calls.delete(head.key);
		}
		return events;
	}

	return {
		push(piece) {
			switch (piece.kind) {
				case "tool": {
					const block = toBlock("tool", piece.key, {
						kind: "open",
						block: "tool",
						id: piece.id,
						name: piece.name,
					});
					waiting.push(block);
					calls.set(piece.key, block);
					break;
				}
				case "arguments": {
					// What comes for a closed call can only be white space: its arguments were whole.
					const block = calls.get(piece.key);
					if (block === undefined) return NOTHING;
					block.arguments += piece.text;
					block.unsent += piece.text;
					if (piece.text.trim() !== "") block.looksWhole = piece.text.trimEnd().endsWith("}");
					break;
				}
				case "text":
				case "refusal":
				case "thinking": {
					let block = waiting.at(-1);
					if (block?.kind !== piece.kind) {
						block = toBlock(piece.kind, "", { kind: "open", block: piece.kind });
						waiting.push(block);
					}
					block.unsent += piece.text;
					break;
				}
				default:
					return NOTHING;
			}
			return advance(false);
		},
		finish: () => advance(true),
	};
}

function toBlock(kind: TextKind | "tool", key: string, open: BlockEvent): Block {
	return { kind, key, open, isOpen: false, unsent: "", arguments: "", looksWhole: false, attempts: 0 };
}

function send(events: BlockEvent[], block: Block): void {
	if (!block.isOpen) events.push(block.open);
	block.isOpen = true;
	if (block.unsent === "") return;
	events.push({ kind: "delta", text: block.unsent });
	block.unsent = "";
}

/** Empty arguments may still come: another call can begin before the first one's are there. */
function isComplete(block: Block): boolean {
	if (block.kind !== "tool") return true;
	if (!block.looksWhole || block.attempts >= ATTEMPTS_MAX) return false;
	block.attempts += 1;
	return parseToolArguments(block.arguments) !== undefined;
}
