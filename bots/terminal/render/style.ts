export type Style = {
	readonly bold?: true;
	readonly dim?: true;
	readonly italic?: true;
	readonly underline?: true;
	readonly strike?: true;
	readonly code?: true;
};

export const PLAIN: Style = {};

const CODES = { bold: 1, dim: 2, italic: 3, underline: 4, strike: 9, code: 36 } as const;

/** The text with SGR codes around it (source: ECMA-48); as it is when colours are off. */
export function paint(text: string, style: Style, isColored: boolean): string {
	if (!isColored || text === "") return text;
	const codes = Object.entries(CODES).flatMap(([name, code]) =>
		style[name as keyof Style] === true ? [code] : [],
	);
	return codes.length === 0 ? text : `\x1b[${codes.join(";")}m${text}\x1b[0m`;
}

/** https://no-color.org: any value of NO_COLOR that is not empty turns colours off. */
export function isColorWanted(env: Readonly<Record<string, string | undefined>>, isTty: boolean): boolean {
	return isTty && (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb";
}
