import { expect, test } from "@jest/globals";
import type { InstanceContext } from "../accounts/account.ts";
import type { PipelineDeps } from "./pipeline-deps.ts";
import type { Caller } from "./stages/identify-sender.ts";
import type { Turn } from "./turn.ts";
import { wakeInstance } from "./wake-instance.ts";

const SLEEPING: InstanceContext = { instanceId: "i", host: "h", generation: 1, phase: "asleep" };
const CALLER = { account: { accountId: "a", language: "en" } } as Caller;
const COMING = { desired: "running", phase: "starting", host: "h", generation: 1, deployUntil: new Date() };
const UP = { ...COMING, phase: "ready", deployUntil: undefined };

type View = Readonly<Record<string, unknown>>;
type Instances = NonNullable<PipelineDeps["instances"]>;

/** Looks like this, one after the other; the last one stays. */
function openBench(...views: readonly View[]) {
	const asked: string[] = [];
	const said: string[] = [];
	const left = [...views];
	const stopping = new AbortController();
	const instances = {
		change: async (_: unknown, change: string) => void asked.push(change),
		find: async () => (left.length > 1 ? left.shift() : left[0]),
	} as unknown as Instances;
	const turn = { signal: stopping.signal, onText: (text: string) => void said.push(text) } as unknown as Turn;
	return { asked, said, stopping, wake: async () => await wakeInstance(instances, turn, CALLER, SLEEPING) };
}

test("it is started once, and is there when it is up as it was wanted", async () => {
	// Still up from before, as far as was seen: what was wanted of it has not come true yet.
	const bench = openBench({ ...COMING, phase: "ready" }, COMING, { ...UP, generation: 2 });
	expect(await bench.wake()).toEqual({ instanceId: "i", host: "h", generation: 2, phase: "ready" });
	expect(bench.asked).toEqual(["start"]);
	expect(bench.said).toEqual(["Waking your agent…\n\n"]);
});

test.each([
	["given up", { ...UP, phase: "failed" }],
	["stopped again by its owner", { ...UP, desired: "stopped" }],
])("one that is %s is not waited for", async (_, view) => {
	expect(await openBench(view).wake()).toBeUndefined();
});

test("who stops the turn waits no longer", async () => {
	const bench = openBench(COMING);
	setTimeout(() => bench.stopping.abort("stopped"), 50);
	await expect(bench.wake()).rejects.toBe("stopped");
});
