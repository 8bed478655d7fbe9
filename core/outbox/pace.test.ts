import { expect, test } from "@jest/globals";
import { createFakeChannel } from "../testing/fake-channel.ts";
import { echo, toAnswer } from "../testing/message-flow.ts";
import { useMessageFlow } from "../testing/use-message-flow.ts";

const flow = useMessageFlow();

test("a turn that says nothing does not make its chat rest for what others said", async () => {
	// An answer is ahead of the pace for a minute, which nine more may be.
	const channel = createFakeChannel({ pace: { private: { intervalMs: 60_000, burst: 10 } } });
	const node = flow.start({
		channel,
		handle: async (turn) => {
			const { content } = turn.inbound;
			return content.kind === "text" && content.text === "quiet" ? toAnswer() : await echo(turn);
		},
	});
	for (const text of ["1", "quiet", "quiet", "2"]) await node.accept({ chatId: "1", text });
	await flow.settle(5_000);
	expect(channel.visible("1")).toEqual(["<p>re: 1</p>", "<p>re: 2</p>"]);
});
