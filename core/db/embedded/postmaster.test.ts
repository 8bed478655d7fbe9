import { expect, test } from "@jest/globals";
import { chooseBuffers } from "./postmaster.ts";

const GIB = 2 ** 30;

test("a small machine gives the server little of its memory, a large one enough and no more", () => {
	expect(chooseBuffers(0.5 * GIB)).toBe("128MB");
	expect(chooseBuffers(4 * GIB)).toBe("512MB");
	expect(chooseBuffers(16 * GIB)).toBe("2048MB");
	expect(chooseBuffers(64 * GIB)).toBe("4096MB");
});
