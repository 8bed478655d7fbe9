import type { DestinationStream, Logger } from "pino";
import pino from "pino";
import type { Scrubber } from "./log/scrubber.ts";
import { toLoggableError } from "./log/to-loggable-error.ts";

export type { Logger } from "pino";

export type LogOptions = {
	readonly level: string;
	readonly scrubber: Scrubber;
	/** Path of a file; undefined: standard error output, since the standard output belongs to the chat. */
	readonly file?: string | undefined;
	/** Takes the lines instead. For tests. */
	readonly destination?: DestinationStream;
};

/** A line is scrubbed up to here; what comes after is dropped. Bounds the cost of a huge line. */
const SCRUBBED_LENGTH_MAX = 64 * 1024;
const LINE_LENGTH_MAX = 16 * 1024;
const HEAD_LENGTH_MAX = 8 * 1024;
const SECRET_LENGTH_MAX = 4 * 1024;

/**
 * JSON lines, each scrubbed as a whole just before it is written, so that no way of logging something goes round it.
 * Line breaks inside values are escaped. Errors go under `err` or `error`, with their causes.
 */
export function createLog(options: LogOptions): Logger {
	const target =
		options.destination ??
		(options.file === undefined
			? pino.destination({ fd: 2, sync: true })
			: pino.destination({ dest: options.file, mkdir: true, sync: true, append: true, mode: 0o600 }));
	const destination: DestinationStream = {
		write: (line) => target.write(`${toCleanLine(line, options.scrubber)}\n`),
	};
	return pino(
		{
			level: options.level,
			base: null,
			timestamp: pino.stdTimeFunctions.isoTime,
			formatters: { level: (label) => ({ level: label }) },
			serializers: { err: toLoggableError, error: toLoggableError },
		},
		destination,
	);
}

/** Scrubs before it cuts: half a secret would not be recognized, so the end of what was scrubbed is not shown either. */
function toCleanLine(line: string, scrubber: Scrubber): string {
	const whole = line.trimEnd();
	const isCut = whole.length > SCRUBBED_LENGTH_MAX;
	const clean = scrubber.scrub(whole.slice(0, SCRUBBED_LENGTH_MAX));
	if (!isCut && clean.length <= LINE_LENGTH_MAX) return clean;
	return JSON.stringify({
		level: /^\{"level":"(\w+)"/.exec(clean)?.[1] ?? "info",
		time: /"time":"([^"]+)"/.exec(clean)?.[1],
		msg: "a log line was too long",
		length: whole.length,
		head: (isCut ? clean.slice(0, -SECRET_LENGTH_MAX) : clean).slice(0, HEAD_LENGTH_MAX),
	});
}
