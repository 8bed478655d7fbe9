import { describe, expect, test } from "@jest/globals";
import { toNames } from "../names.ts";
import { readContainer, readContainers, toCell } from "./container-state.ts";

const NAMES = toNames("house");
const ID = "7d444840-9dc0-11d1-b245-5ffdce74fad2";
const OWNED = { instanceId: ID, generation: 3, role: "cell" } as const;
const LABELS = NAMES.containerLabels(OWNED);

function inspect(status: string, more: object = {}, labels: object | null = LABELS) {
	return readContainer(
		{
			...{ Id: "1", Name: "/oc-x-g3", Image: "sha256:1", Config: { Labels: labels } },
			State: { Status: status, ExitCode: 137, OOMKilled: false, ...more },
			NetworkSettings: {
				Networks: { a: { IPAddress: "10.0.0.2" }, b: { IPAddress: "" } },
				Ports: {
					"1/tcp": [
						{ HostIp: "0.0.0.0", HostPort: "7" },
						{ HostIp: "127.0.0.1", HostPort: "8" },
					],
				},
			},
		},
		NAMES,
	);
}

describe("a container as the engine tells it", () => {
	test.each([
		...["created", "configured", "initialized"].map((status) => [status, "created"]),
		...["exited", "dead", "stopped", "removing"].map((status) => [status, "exited"]),
		...["running", "paused", "restarting", "stopping", "of a later version"].map((status) => [
			status,
			"running",
		]),
	])("%s is %s", (status, state) => {
		expect(inspect(status).state).toBe(state);
	});

	test("says how it ended only where it has", () => {
		const whose = { name: "oc-x-g3", instanceId: ID, generation: 3 };
		expect(toCell(inspect("running"))).toEqual({ ...whose, state: "running" });
		expect(toCell(inspect("exited"))).toEqual({ ...whose, state: "exited", exitCode: 137 });
		expect(toCell(inspect("exited", { OOMKilled: true }))).toMatchObject({ isOutOfMemory: true });
	});

	test("has the addresses that are there, of ports those of the loopback", () => {
		expect(inspect("running")).toMatchObject({ addresses: { a: "10.0.0.2" }, published: { "1/tcp": 8 } });
	});

	test.each([
		["no labels", null],
		["those of another installation", toNames("other").containerLabels(OWNED)],
		["no generation", { ...LABELS, "rockpool.generation": "0" }],
		["no instance", { ...LABELS, "rockpool.instance": "x" }],
		["an unknown role", { ...LABELS, "rockpool.role": "x" }],
	])("is somebody else's with %s", (_, labels) => {
		expect(toCell(inspect("running", {}, labels))).toMatchObject({
			instanceId: undefined,
			generation: undefined,
		});
	});

	test("is the same in a list", () => {
		const listed = {
			Id: "1",
			Names: ["/oc-x-g3"],
			ImageID: "sha256:1",
			Labels: LABELS,
			State: "exited",
			Created: 2,
		};
		expect(readContainers([listed], NAMES)).toEqual([
			{ id: "1", name: "oc-x-g3", image: "sha256:1", owned: OWNED, state: "exited", createdMs: 2_000 },
		]);
	});
});
