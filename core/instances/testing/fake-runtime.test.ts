import { FakeRuntime } from "./fake-runtime.ts";
import { testRuntime } from "./runtime-contract.ts";

testRuntime("in memory", async () => {
	const runtime = new FakeRuntime({ nowMs: () => performance.now(), endMs: 20 });
	const instanceOf = (name: string): string =>
		runtime.cells().find((cell) => cell.name === name)?.instanceId ?? "";
	return {
		runtime,
		reopen: async () => runtime,
		base: {
			...{ release: "fake", environment: {}, args: [], mendArgs: [] },
			limits: { cpuMillis: 1_000, memoryBytes: 1_000_000, processesMax: 64 },
		},
		exit: async (cell, code) => runtime.crash(cell, code),
		read: async (cell, path) => runtime.files(instanceOf(cell))?.find((file) => file.path === path)?.content,
		write: async (cell, path) => await runtime.writeFiles(instanceOf(cell), 1, [{ path, content: "kept" }]),
		close: async () => await runtime.close(),
	};
});
