import { describe, expect, test } from "@jest/globals";
import { createFakeChannel } from "../testing/fake-channel.ts";
import { createCooldown } from "./cooldown.ts";
import { deliver } from "./deliver.ts";
import type { DeliveryContext } from "./delivery-context.ts";
import type { OutboxPart, PartState, StateWrite } from "./part.ts";

/** A delivery whose clock says that the lease may be lost, while the database has not yet given it to anybody else. */
function fenced(edit: boolean) {
	const channel = createFakeChannel({ edit });
	const writes: StateWrite[] = [];
	const context: DeliveryContext = {
		hold: { inboxId: "1", lane: "telegram:7:1", token: "1" },
		channel,
		chat: { platform: "telegram", botId: "7", id: "1", kind: "private" },
		replyToMessageId: undefined,
		cooldown: createCooldown(),
		isFresh: true,
		used: { calls: 0 },
		isLive: () => false,
		elapsedMs: () => 0,
		onUnreachable: async () => undefined,
		writeState: async (_, write) => {
			writes.push(write);
			return "written";
		},
	};
	return { channel, writes, context };
}

function part(state: PartState): OutboxPart {
	return {
		part: 0,
		content: { text: "hi", plain: "hi", attachment: { filename: "a", text: "b" } },
		state,
		messageId: state === "ph_sent" || state === "sent" ? "5" : undefined,
		attempts: 0,
		lastError: undefined,
	};
}

describe("past the local end of the lease", () => {
	test.each(["new", "ph_sending", "ph_sent", "sent"] as const)(
		"a part in state %s sends nothing and does not end",
		async (state) => {
			const { channel, writes, context } = fenced(true);
			expect(await deliver(context, [part(state)])).toBe("fenced");
			expect(channel.calls).toEqual([]);
			expect(writes.filter((write) => write.finish !== undefined)).toEqual([]);
		},
	);

	test("where nothing can be edited, what was not sent is left to the next owner", async () => {
		const { channel, writes, context } = fenced(false);
		expect(await deliver(context, [part("sending")])).toBe("fenced");
		expect(channel.calls).toEqual([]);
		expect(writes).toEqual([{ part: 0, state: "new" }]);
	});
});
