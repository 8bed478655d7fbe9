import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { eventually } from "../../testing/eventually.ts";
import type { Cell } from "../cell.ts";
import { toCellName } from "../cell.ts";
import type { CellSpec, Runtime } from "../runtime.ts";

/** A runtime under test, and what can be done to its cells from the inside. */
export type ContractWorld = {
	readonly runtime: Runtime;
	/** The same one as another node would see it. */
	reopen(): Promise<Runtime>;
	/** What a cell needs to run the stub. */
	readonly base: Pick<CellSpec, "release" | "limits" | "environment" | "args" | "mendArgs">;
	/** The stub ends by itself. */
	exit(cell: string, code: number): Promise<void>;
	/** What the stub reads; undefined: it has no such file. */
	read(cell: string, path: string): Promise<string | undefined>;
	/** The stub writes a file that says "kept". */
	write(cell: string, path: string): Promise<void>;
	close(): Promise<void>;
};

/** What every runtime does, whatever its cells are made of. */
export function testRuntime(name: string, open: () => Promise<ContractWorld>): void {
	describe(`the runtime ${name}`, () => {
		let hands: Hands | undefined;
		beforeAll(async () => {
			hands = new Hands(await open());
		}, 60_000);
		afterAll(async () => await hands?.world.close());
		const find: FindHands = () => {
			if (hands === undefined) throw new Error("not open");
			return hands;
		};
		testCells(find);
		testEnds(find);
		testFiles(find);
		testLater(find);
	});
}

type FindHands = () => Hands;

/** What the tests do again and again. */
class Hands {
	readonly world: ContractWorld;
	readonly runtime: Runtime;

	constructor(world: ContractWorld) {
		this.world = world;
		this.runtime = world.runtime;
	}

	toSpec(more: Partial<CellSpec> = {}): CellSpec {
		return { ...this.world.base, instanceId: randomUUID(), generation: 1, port: undefined, ...more };
	}

	async look(spec: CellSpec): Promise<Cell | undefined> {
		const cells = await this.runtime.observe(spec.instanceId, [nameOf(spec)]);
		return cells.find((cell) => cell.name === nameOf(spec));
	}

	async stateOf(spec: CellSpec): Promise<Cell["state"] | undefined> {
		return (await this.look(spec))?.state;
	}

	async started(more: Partial<CellSpec> = {}): Promise<CellSpec> {
		const spec = this.toSpec(more);
		await this.runtime.create(spec);
		await this.runtime.start(spec);
		await eventually(async () => (await this.runtime.address(nameOf(spec))) !== undefined);
		return spec;
	}

	async ended(spec: CellSpec): Promise<void> {
		await this.runtime.kill(nameOf(spec));
		await eventually(async () => (await this.stateOf(spec)) !== "running");
	}

	async cleaned(spec: CellSpec): Promise<void> {
		await this.ended(spec);
		await this.runtime.remove(nameOf(spec));
		await this.runtime.purge(spec.instanceId);
	}
}

function nameOf({ instanceId, generation }: CellSpec): string {
	return toCellName(instanceId, generation);
}

function testCells(hands: FindHands): void {
	test("has what cells are made of, or brings it", async () => {
		await eventually(async () => (await hands().runtime.fetch(hands().world.base.release)).kind === "there");
	});

	test("makes a cell that does not run, once", async () => {
		const spec = hands().toSpec();
		expect(await hands().look(spec)).toBeUndefined();
		await hands().runtime.create(spec);
		expect(await hands().look(spec)).toMatchObject({
			instanceId: spec.instanceId,
			generation: 1,
			state: "created",
		});
		await expect(hands().runtime.create(spec)).rejects.toThrow();
		expect(await hands().runtime.address(nameOf(spec))).toBeUndefined();
		expect((await hands().runtime.list()).map((cell) => cell.name)).toContain(nameOf(spec));
		await hands().cleaned(spec);
	});

	test("starts it, however often it is asked, and ends it", async () => {
		const spec = await hands().started();
		await hands().runtime.start(spec);
		expect(await hands().stateOf(spec)).toBe("running");
		expect((await hands().runtime.use(nameOf(spec)))?.memoryBytes).toBeGreaterThan(0);
		await hands().runtime.stop(nameOf(spec));
		await eventually(async () => (await hands().stateOf(spec)) === "exited");
		expect(await hands().runtime.use(nameOf(spec))).toBeUndefined();
		await hands().runtime.stop(nameOf(spec));
		await hands().runtime.kill(nameOf(spec));
		await hands().runtime.start(spec);
		await eventually(async () => (await hands().stateOf(spec)) === "running");
		await hands().cleaned(spec);
	});

	test("says how a cell ended by itself", async () => {
		const spec = await hands().started();
		await hands().world.exit(nameOf(spec), 78);
		await eventually(async () => (await hands().stateOf(spec)) === "exited");
		expect((await hands().look(spec))?.exitCode).toBe(78);
		await hands().cleaned(spec);
	});
}

function testEnds(hands: FindHands): void {
	test("does not take away what runs, and takes away once what does not", async () => {
		const spec = await hands().started();
		await expect(hands().runtime.remove(nameOf(spec))).rejects.toThrow();
		expect(await hands().stateOf(spec)).toBe("running");
		await hands().ended(spec);
		await hands().runtime.remove(nameOf(spec));
		await hands().runtime.remove(nameOf(spec));
		expect(await hands().look(spec)).toBeUndefined();
		await hands().runtime.purge(spec.instanceId);
	});

	test("starts nothing that was taken away", async () => {
		const spec = hands().toSpec();
		await hands().runtime.create(spec);
		await hands().runtime.remove(nameOf(spec));
		await expect(hands().runtime.start(spec)).rejects.toThrow();
		expect(await hands().look(spec)).toBeUndefined();
		await hands().runtime.purge(spec.instanceId);
	});
}

function testFiles(hands: FindHands): void {
	test("keeps an instance's files from cell to cell, until they are purged", async () => {
		const spec = await hands().started();
		const { instanceId } = spec;
		const files = [{ path: "config/agent.json", content: "{}" }];
		await hands().runtime.writeFiles(instanceId, 1, files);
		await eventually(async () => (await hands().world.read(nameOf(spec), "config/agent.json")) === "{}");
		await hands().runtime.writeFiles(instanceId, 1, [{ path: "config/agent.json", content: '{"new":1}' }]);
		expect(await hands().world.read(nameOf(spec), "config/agent.json")).toBe('{"new":1}');
		await hands().world.write(nameOf(spec), "memory.txt");
		await hands().ended(spec);
		await hands().runtime.remove(nameOf(spec));
		const next = await hands().started({ instanceId, generation: 2 });
		await eventually(async () => (await hands().world.read(nameOf(next), "memory.txt")) === "kept");
		await hands().cleaned(next);
		const empty = await hands().started({ instanceId, generation: 3 });
		await eventually(async () => (await hands().world.read(nameOf(empty), "memory.txt")) === undefined);
		await hands().cleaned(empty);
	});

	test.each(["../outside", "/etc/passwd", "a/../../b", "", "a//b", ".hidden/x", "a\u0000b"])(
		"writes nothing at %j",
		async (path) => {
			const spec = hands().toSpec();
			await hands().runtime.create(spec);
			await expect(
				hands().runtime.writeFiles(spec.instanceId, 1, [{ path, content: "x" }]),
			).rejects.toThrow();
			await hands().cleaned(spec);
		},
	);
}

function testLater(hands: FindHands): void {
	test("shows what a cell wrote, no more than was asked for", async () => {
		const spec = await hands().started();
		await eventually(async () => (await hands().runtime.logs(nameOf(spec), 10)).length > 0);
		expect(await hands().runtime.logs(nameOf(spec), 1)).toHaveLength(1);
		await hands().cleaned(spec);
	});

	test("is the same for whoever comes later", async () => {
		const spec = await hands().started();
		const later = await hands().world.reopen();
		expect(await later.observe(spec.instanceId, [])).toMatchObject([
			{ instanceId: spec.instanceId, generation: 1, state: "running" },
		]);
		expect(await later.address(nameOf(spec))).toEqual(await hands().runtime.address(nameOf(spec)));
		await later.kill(nameOf(spec));
		await eventually(async () => (await hands().stateOf(spec)) === "exited");
		await later.close();
		await hands().cleaned(spec);
	});

	test("mends a cell that has ended, and no other", async () => {
		const spec = await hands().started();
		await expect(hands().runtime.mend(spec)).rejects.toThrow();
		await hands().ended(spec);
		await hands().runtime.mend(spec);
		await hands().cleaned(spec);
	});
}
