import { expect, jest, test } from "@jest/globals";
import { whyNoPodman } from "../../core/instances/runtimes/docker/testing/podman.ts";
import { prove } from "./containers.ts";

jest.setTimeout(240_000);
const testWithPodman = whyNoPodman() === undefined ? test : test.skip;

testWithPodman(
	"instances in containers come to be what is wanted, whatever breaks and whoever dies",
	async () => {
		const { passed, figures } = await prove({
			seed: 1,
			seconds: undefined,
			mutant: undefined,
			isShort: true,
		});
		// The figures say what is wrong.
		expect(passed ? "passed" : JSON.stringify(figures)).toBe("passed");
	},
);
