import type { ScriptedTurn } from "./scripted-core.ts";

/** A turn that ends when told to. */
export function createHeldTurn(markdown: string): { finish(): void; readonly turn: ScriptedTurn } {
	let finish = (): void => {};
	const until = new Promise<void>((resolve) => {
		finish = resolve;
	});
	return { finish: () => finish(), turn: { until, result: { replies: [{ markdown }] } } };
}

/** Without what moves the cursor or takes lines away. */
export function plain(text: string): string {
	// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
	return text.replace(/\x1b\[[0-9;?]*[A-Za-z]/g, "").replace(/\r[^\n]*?…/g, "");
}
