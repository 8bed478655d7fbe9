import { expect, test } from "@jest/globals";
import { eventually } from "../testing/eventually.ts";
import { createHeartbeats } from "./heartbeats.ts";

test("reservations of long calls are kept alive together, until they end", async () => {
	const beats: (readonly string[])[] = [];
	const heartbeats = createHeartbeats(
		{
			async heartbeat(ids) {
				await Promise.resolve();
				beats.push(ids);
			},
		},
		() => undefined,
		20,
	);
	const end = heartbeats.begin("a");
	heartbeats.begin("b");
	await eventually(() => beats.length > 0);
	expect(beats[0]).toEqual(["a", "b"]);
	end();
	const count = beats.length;
	await eventually(() => beats.length > count + 1);
	expect(beats.at(-1)).toEqual(["b"]);
	heartbeats.close();
});

test("a ledger that is away is reported and does no other harm", async () => {
	const troubles: string[] = [];
	const heartbeats = createHeartbeats(
		{ heartbeat: async () => await Promise.reject(new Error("gone")) },
		(message) => void troubles.push(message),
		10,
	);
	heartbeats.begin("a");
	await eventually(() => troubles.length > 1);
	heartbeats.close();
});
