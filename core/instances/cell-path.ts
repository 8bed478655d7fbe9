/** One name of a path: no way up, nothing hidden behind other signs. */
const PART = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,100}$/;
const DEPTH_MAX = 8;

/** The names of a file's path below an instance's home. @throws TypeError for a path that leads elsewhere */
export function toPathParts(path: string): readonly string[] {
	const parts = path.split("/");
	if (parts.length > DEPTH_MAX || !parts.every((part) => PART.test(part))) {
		throw new TypeError(`no path of ours: ${path.slice(0, 80)}`);
	}
	return parts;
}
