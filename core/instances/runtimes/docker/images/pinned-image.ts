/** A registry, a path in it, and what the image must be: a tag may be another image tomorrow. */
const REMOTE =
	/^([a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d{1,5})?|localhost(?::\d{1,5})?)\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*){0,6}@sha256:[0-9a-f]{64}$/;
const LOCAL = /^sha256:[0-9a-f]{64}$/;
const LENGTH_MAX = 300;

/** An image by digest. */
export type PinnedImage = {
	readonly reference: string;
	/** Where it is pulled from; undefined: it was loaded on this machine by its operator, and is there or not. */
	readonly registry: string | undefined;
};

/**
 * Reads a release as an image by digest: `registry/path@sha256:…` of a registry that is allowed, or `sha256:…` of an image that
 * was loaded here.
 *
 * @throws TypeError for anything else
 */
export function parseRelease(release: string, registries: readonly string[]): PinnedImage {
	if (LOCAL.test(release)) return { reference: release, registry: undefined };
	const [, registry] = release.length > LENGTH_MAX ? [] : (REMOTE.exec(release) ?? []);
	if (registry === undefined) {
		throw new TypeError(`no image by digest (registry/path@sha256:…): ${release.slice(0, 80)}`);
	}
	if (!registries.includes(registry)) throw new TypeError(`images are not taken from ${registry}`);
	return { reference: release, registry };
}
