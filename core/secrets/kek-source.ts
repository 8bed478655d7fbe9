import type { NamedKey } from "./envelope.ts";
import type { KeyRing } from "./key-files.ts";

export type KekSource = {
	current(): Promise<NamedKey>;
	/** @throws Error when no key file of this node has that id, also after reading them again. */
	find(id: string): Promise<NamedKey>;
	reload(): Promise<KeyRing>;
};

/** The key-encryption keys, read when first needed and again whenever one is missing, so that a new one needs no restart. */
export function createKekSource(readKeys: () => Promise<KeyRing>): KekSource {
	let ring: Promise<KeyRing> | undefined;

	function reload(): Promise<KeyRing> {
		const reading = readKeys();
		ring = reading;
		// a failure is not remembered
		reading.catch(() => {
			if (ring === reading) ring = undefined;
		});
		return reading;
	}

	return {
		reload,
		current: async () => (await (ring ?? reload())).current,
		async find(id) {
			const known = (await (ring ?? reload())).byId.get(id) ?? (await reload()).byId.get(id);
			if (known !== undefined) return known;
			throw new Error(`the key-encryption key ${id} is not among the key files of this node (KEK_FILE)`);
		},
	};
}
