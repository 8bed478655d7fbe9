import { expect, test } from "@jest/globals";
import { createDockerRuntime } from "./docker-runtime.ts";

const OPTIONS = { socketPath: "/nowhere", installation: "house", onTrouble: () => undefined };

test.each([
	["no root", { user: { uid: 0, gid: 1 } }],
	["no root's group", { user: { uid: 1, gid: 0 } }],
	["no half a user", { user: { uid: 1.5, gid: 1 } }],
	["no range of addresses", { subnets: "10.0.0.0" }],
	["no label", { installation: "a=b" }],
])("a runtime takes %s", (_, more) => {
	expect(() => createDockerRuntime({ ...OPTIONS, ...more })).toThrow(TypeError);
});
