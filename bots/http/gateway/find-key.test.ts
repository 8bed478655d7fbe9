import { expect, test } from "@jest/globals";
import { findKey } from "./find-key.ts";

test.each<[string, readonly string[], string | undefined]>([
	["a Bearer", ["Host", "x", "Authorization", "Bearer rp_1"], "rp_1"],
	["x-api-key, however it is written", ["X-API-KEY", "rp_2"], "rp_2"],
	["no key", ["Host", "x"], undefined],
	["one of each", ["Authorization", "Bearer rp_1", "x-api-key", "rp_1"], undefined],
	["the same twice", ["x-api-key", "rp_2", "X-Api-Key", "rp_2"], undefined],
	["a Bearer twice", ["authorization", "Bearer rp_1", "Authorization", "Bearer rp_3"], undefined],
	["another scheme", ["Authorization", "Basic cnA6"], undefined],
	["spaces in it", ["x-api-key", "rp 2"], undefined],
	["nothing in it", ["x-api-key", ""], undefined],
	["more than a key can be", ["x-api-key", "k".repeat(513)], undefined],
])("%s", (_, rawHeaders, key) => {
	expect(findKey({ rawHeaders: [...rawHeaders] })).toBe(key);
});
