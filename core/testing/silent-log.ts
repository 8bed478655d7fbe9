/** A log that keeps its lines for the test to read. */
export type SilentLog = {
	readonly lines: {
		readonly level: "info" | "warn" | "error";
		readonly facts: object;
		readonly message: string;
	}[];
	info(facts: object, message: string): void;
	warn(facts: object, message: string): void;
	error(facts: object, message: string): void;
};

export function silentLog(): SilentLog {
	const lines: SilentLog["lines"] = [];
	const write = (level: "info" | "warn" | "error") => (facts: object, message: string) => {
		lines.push({ level, facts, message });
	};
	return { lines, info: write("info"), warn: write("warn"), error: write("error") };
}
