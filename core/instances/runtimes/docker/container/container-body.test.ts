import { describe, expect, test } from "@jest/globals";
import type { Reach } from "./container-body.ts";
import { toContainerBody, toLaunch } from "./container-body.ts";

const BRIDGE: Reach = { kind: "bridge", network: "oc-1", gateway: "10.0.0.1" };

function toHost(reach: Reach) {
	const body = toContainerBody({
		...{ image: "sha256:1", shell: toLaunch(["agent", "--port", "1"]), labels: { a: "b" }, volume: "oc-1" },
		limits: { cpuMillis: 1_500, memoryBytes: 2_000, processesMax: 512 },
		...{ user: { uid: 1_000, gid: 1_001 }, ociRuntime: undefined, reach },
	});
	return { body, host: body.HostConfig ?? {} };
}

describe("a container of an agent", () => {
	test("has no rights, no user of the machine's and nothing to write to but its own", () => {
		const { body, host } = toHost(BRIDGE);
		expect(body.User).toBe("1000:1001");
		expect(host).toMatchObject({
			...{ Privileged: false, CapDrop: ["ALL"], SecurityOpt: ["no-new-privileges"], ReadonlyRootfs: true },
			RestartPolicy: { Name: "no" },
		});
		expect(host.CapAdd).toBeUndefined();
		expect(host.Binds).toBeUndefined();
		expect(host.Devices).toBeUndefined();
		expect(host.Mounts).toMatchObject([{ Type: "volume", Source: "oc-1", Target: "/cell" }]);
	});

	test("is bounded in all it could use up", () => {
		const { host } = toHost(BRIDGE);
		expect(host).toMatchObject({ Memory: 2_000, MemorySwap: 2_000, NanoCpus: 1_500_000_000, PidsLimit: 512 });
		expect(host.Ulimits?.map((limit) => limit.Name)).toEqual(["nofile", "nproc", "core"]);
		expect(Object.values(host.Tmpfs ?? {}).every((one) => /size=\d+/.test(one))).toBe(true);
		expect(host.LogConfig?.Config).toHaveProperty("max-size");
	});

	test("is published nowhere, or at the loopback alone", () => {
		expect(toHost(BRIDGE).host.PortBindings).toBeUndefined();
		expect(toHost({ kind: "nothing" }).host).toMatchObject({ NetworkMode: "none" });
		const { PortBindings } = toHost({ kind: "loopback", network: "oc-1", port: 20_000 }).host;
		expect(PortBindings).toEqual({ "18789/tcp": [{ HostIp: "127.0.0.1", HostPort: "20000" }] });
	});

	test("has no environment of ours in what the engine keeps", () => {
		const { body } = toHost(BRIDGE);
		expect(body.Env).toBeUndefined();
		expect(body).toMatchObject({ OpenStdin: true, StdinOnce: true });
	});
});
