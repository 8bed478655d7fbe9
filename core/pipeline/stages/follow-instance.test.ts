import { expect, jest, test } from "@jest/globals";
import { AppError } from "../../errors.ts";
import type { InboundContent } from "../message.ts";
import type { PipelineDeps } from "../pipeline-deps.ts";
import type { Turn } from "../turn.ts";
import { followInstance } from "./follow-instance.ts";

jest.setTimeout(20_000);

const FOLLOW: Extract<InboundContent, { kind: "follow" }> = {
	...{ kind: "follow", accountId: "a", instanceId: "i", language: "en" },
};
const COMING = { desired: "running", phase: "creating", deployUntil: new Date(), why: undefined };
const UP = { ...COMING, phase: "ready", deployUntil: undefined };

type View = Readonly<Record<string, unknown>>;

/** Looks like this, one after the other; null: it is not there. */
async function follow(views: readonly (View | null)[], signal = new AbortController().signal) {
	const left = [...views];
	const instances = {
		async find() {
			const view = left.length > 1 ? left.shift() : left[0];
			if (view === null || view === undefined) throw new AppError("INSTANCE_NOT_FOUND", "gone");
			return view;
		},
	} as unknown as PipelineDeps["instances"];
	const turn = {
		signal,
		receivedAt: new Date(Date.now() - 4_000),
		onText: () => undefined,
	} as unknown as Turn;
	const { result } = await followInstance({ instances } as PipelineDeps, turn, FOLLOW);
	return result.replies[0]?.markdown.split("\n").filter((line) => line !== "");
}

test("each step is told once, and the end with its time", async () => {
	const told = await follow([
		{ ...COMING, why: "it is being installed" },
		COMING,
		{ ...COMING, phase: "starting" },
		{ ...UP, deployUntil: new Date() },
		UP,
	]);
	expect(told).toEqual([
		"Your agent is on its way (usually a minute or two):",
		"- bringing its program here",
		"- making its place",
		"- starting it",
		expect.stringMatching(/^- it is up, after [89] s$/),
		"From now on it answers you here.",
	]);
});

test.each([
	[
		"given up",
		{ ...UP, phase: "failed", why: "EACCES: /var/lib/x" },
		/could not be started: something went wrong here$/,
	],
	[
		"given up for its memory",
		{ ...UP, phase: "failed", why: "it needed more memory than it may have" },
		/: it needed more memory than it may have$/,
	],
	["not wanted any more", { ...UP, desired: "stopped" }, /no longer wanted/],
	["gone", null, /no longer wanted/],
])("one that is %s is told so, in words that name nothing of this machine", async (_, view, words) => {
	const [, last = ""] = (await follow([view])) ?? [];
	expect(last).toMatch(words);
});

test("a node that stops leaves it to another one", async () => {
	const leaving = new AbortController();
	setTimeout(() => leaving.abort("fenced"), 50);
	await expect(follow([COMING], leaving.signal)).rejects.toBe("fenced");
});
