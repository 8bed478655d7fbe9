import { describe, expect, test } from "@jest/globals";
import { eventually } from "../../../testing/eventually.ts";
import { LOG_BYTES_MAX } from "../../runtime.ts";
import type { ContractWorld } from "../../testing/runtime-contract.ts";
import { testRuntime } from "../../testing/runtime-contract.ts";
import type { ContainerWorld } from "./testing/container-world.ts";
import { describeContainers } from "./testing/container-world.ts";
import { toStubHands } from "./testing/stub-world.ts";

describeContainers("containers", (find) => {
	testRuntime("docker", async () => toContract(find()));

	describe("beside the contract", () => {
		testStrangers(find);
		testEngine(find);
	});
});

function toContract({ runtime, base, hands, open }: ContainerWorld): ContractWorld {
	const ask = async (cell: string, question: string): Promise<string | undefined> => {
		await hands.up(cell);
		return await hands.ask(cell, `cgi-bin/${question}`);
	};
	return {
		...{ runtime, base, reopen: async () => open() },
		exit: async (cell, code) => void (await ask(cell, `end?${code}`)),
		read: async (cell, path) => await ask(cell, `read?${path}`),
		write: async (cell, path) => void (await ask(cell, `write?${path}`)),
		close: async () => await runtime.close(),
	};
}

function testStrangers(find: () => ContainerWorld): void {
	test("who else has such a name is left alone", async () => {
		const { runtime, podman, toSpec, stateOf } = find();
		const made = toSpec();
		const { spec, cell } = made;
		await podman.run("run", "--detach", "--network", "none", "--name", cell, "stub:1", "18789", "/tmp");
		expect(await runtime.observe(spec.instanceId, [cell])).toEqual([
			{ name: cell, instanceId: undefined, generation: undefined, state: "running" },
		]);
		expect((await runtime.list()).map(({ name }) => name)).not.toContain(cell);
		await expect(runtime.create(spec)).rejects.toThrow();
		for (const work of [
			async () => await runtime.start(spec),
			async () => await runtime.stop(cell),
			async () => await runtime.kill(cell),
			async () => await runtime.remove(cell),
			async () => await runtime.mend(spec),
			async () => await runtime.writeFiles(spec.instanceId, 1, [{ path: "a", content: "b" }]),
			async () => await runtime.logs(cell, 1),
		]) {
			await expect(work()).rejects.toThrow("somebody else's");
		}
		expect(await stateOf(made)).toBe("running");
		await podman.run("rm", "--force", "--time", "0", cell);
		await runtime.purge(spec.instanceId);
	});

	test("what another installation has is somebody else's, its volume and network too", async () => {
		const { open, start, hands } = find();
		const { spec, cell } = await start();
		const other = open({ installation: "other" });
		expect(await other.list()).toEqual([]);
		expect(await other.observe(spec.instanceId, [cell])).toMatchObject([{ instanceId: undefined }]);
		await expect(other.kill(cell)).rejects.toThrow("somebody else's");
		await expect(other.create({ ...spec, generation: 2 })).rejects.toThrow("somebody else's");
		await other.purge(spec.instanceId);
		expect(await hands.ask(cell, "healthz")).toBeDefined();
	});

	test("nothing is left of an instance that is purged", async () => {
		const { runtime, podman, start, stateOf } = find();
		const made = await start();
		const { spec, cell } = made;
		await expect(runtime.purge(spec.instanceId)).rejects.toThrow();
		await runtime.kill(cell);
		await eventually(async () => (await stateOf(made)) === "exited");
		await runtime.remove(cell);
		expect(await podman.run("volume", "ls", "--quiet")).toContain(spec.instanceId);
		await runtime.purge(spec.instanceId);
		await runtime.purge(spec.instanceId);
		expect(await podman.run("volume", "ls", "--quiet")).not.toContain(spec.instanceId);
		expect(await podman.run("network", "ls", "--format", "{{.Name}}")).not.toContain(spec.instanceId);
	});
}

function testEngine(find: () => ContainerWorld): void {
	test("logs are bounded", async () => {
		const { runtime, start } = find();
		const { cell } = await start({ environment: { STUB_TALKATIVE: "yes" } });
		await eventually(async () => (await runtime.logs(cell, 1))[0] === "said all");
		const lines = await runtime.logs(cell, 100_000);
		const bytes = lines.reduce((sum, line) => sum + line.length + 1, 0);
		expect(bytes).toBeLessThanOrEqual(LOG_BYTES_MAX);
		expect(bytes).toBeGreaterThan(LOG_BYTES_MAX / 2);
		// Podman 4.3 breaks some of them elsewhere than they were broken.
		expect(lines.slice(0, -1).every((line) => /^x*$/.test(line))).toBe(true);
	});

	test("a port is published at the loopback alone, where cells are reached that way", async () => {
		const { open, podman, toSpec } = find();
		const outside = open({ reach: "loopback" });
		const { spec, cell } = toSpec();
		await outside.create(spec);
		await outside.start(spec);
		expect(await outside.address(cell)).toMatchObject({ host: "127.0.0.1" });
		await toStubHands(outside).up(cell);
		const ports = (await podman.run("port", cell)).trim().split("\n");
		expect(ports.map((line) => line.replace(/\d+$/, ""))).toEqual(["18789/tcp -> 127.0.0.1:"]);
		await outside.kill(cell);
	});

	test("while the engine is away nobody can say what is there, and says so soon; cells go on", async () => {
		const { open, podman, base, start, stateOf, hands } = find();
		const made = await start();
		const { spec, cell } = made;
		const hasty = open({ answerMs: 500, orderMs: 500 });
		const away = { code: "INTERNAL", details: { cause: "runtime-away" } };
		const all = async (): Promise<void> => {
			await expect(hasty.observe(spec.instanceId, [cell])).rejects.toMatchObject(away);
			await expect(hasty.list()).rejects.toMatchObject(away);
			await expect(hasty.fetch(base.release)).rejects.toMatchObject(away);
			await expect(hasty.kill(cell)).rejects.toMatchObject(away);
		};
		await podman.freeze();
		await all();
		podman.thaw();
		await podman.kill();
		await all();
		await podman.restart();
		expect(await stateOf(made)).toBe("running");
		expect(await hands.ask(cell, "healthz")).toBeDefined();
	});
}
