export type LineSplitter = {
	/** Any piece of the text; line ends may be cut in two. */
	push(text: string): void;
	/** What has no line end is a line too. */
	end(): void;
};

const LF = 10;
const CR = 13;

/**
 * Lines of a text that comes in pieces: LF, CRLF and CR end one. `onTooLong` is told of a line of more than `lengthMax`
 * UTF-16 units; nothing is read after it.
 */
export function createLineSplitter(
	lengthMax: number,
	onLine: (line: string) => void,
	onTooLong: () => void,
): LineSplitter {
	let rest = "";
	let endedInCr = false;
	let isBroken = false;

	function tell(line: string): void {
		if (line.length > lengthMax) breakOff();
		else onLine(line);
	}

	function breakOff(): void {
		isBroken = true;
		rest = "";
		onTooLong();
	}

	/** Where the next line starts; a CR as the very last unit may have its LF in the next piece. */
	function skipLineEnd(text: string, end: number): number {
		if (text.charCodeAt(end) !== CR) return end + 1;
		if (end + 1 === text.length) endedInCr = true;
		return text.charCodeAt(end + 1) === LF ? end + 2 : end + 1;
	}

	return {
		push(piece) {
			if (isBroken || piece === "") return;
			const text = endedInCr && piece.charCodeAt(0) === LF ? piece.slice(1) : piece;
			endedInCr = false;
			const findEnd = createEndFinder(text);
			let start = 0;
			for (let end = findEnd(0); end !== -1 && !isBroken; end = findEnd(start)) {
				const line = rest + text.slice(start, end);
				rest = "";
				start = skipLineEnd(text, end);
				tell(line);
			}
			if (isBroken) return;
			rest += text.slice(start);
			if (rest.length > lengthMax) breakOff();
		},
		end() {
			const line = rest;
			rest = "";
			if (line !== "" && !isBroken) tell(line);
		},
	};
}

/** The next line end from a place on, or -1. Each kind is searched for once from where it was last found: linear, always. */
function createEndFinder(text: string): (from: number) => number {
	let lf = text.indexOf("\n");
	let cr = text.indexOf("\r");
	return (from) => {
		if (lf !== -1 && lf < from) lf = text.indexOf("\n", from);
		if (cr !== -1 && cr < from) cr = text.indexOf("\r", from);
		if (lf === -1 || cr === -1) return Math.max(lf, cr);
		return Math.min(lf, cr);
	};
}
