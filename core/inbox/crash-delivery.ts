import type { Channel } from "../channels/channel.ts";
import type { WriteState } from "../outbox/part.ts";
import type { CrashPoint } from "./crash-point.ts";
import { crashPoint, isCrashArmed } from "./crash-point.ts";

/** The same channel, which may die after what it did. Unchanged outside of the proofs. */
export function withCrashPoints(channel: Channel): Channel {
	if (!isCrashArmed) return channel;
	return {
		...channel,
		send: async (...request) => await thenCrash("after-send", channel.send(...request)),
		edit: async (...request) => await thenCrash("after-edit", channel.edit(...request)),
	};
}

/** The same writes, which may die after they are stored. Unchanged outside of the proofs. */
export function withCrashPointsAfterWrites(writeState: WriteState): WriteState {
	if (!isCrashArmed) return writeState;
	return async (hold, write) => {
		const outcome = await writeState(hold, write);
		if (write.state === "ph_sending" || write.state === "sending") crashPoint("after-ph-sending");
		if (write.state === "ph_sent") crashPoint("after-message-id");
		if (write.finish === "done") crashPoint("after-done");
		return outcome;
	};
}

async function thenCrash<Result>(point: CrashPoint, done: Promise<Result>): Promise<Result> {
	const result = await done;
	crashPoint(point);
	return result;
}
