/** The JSON of an event, or undefined when it is none. */
export function parseEvent(data: string): unknown {
	try {
		return JSON.parse(data);
	} catch {
		return undefined;
	}
}
