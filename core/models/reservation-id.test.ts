import { describe, expect, test } from "@jest/globals";
import { toReservationId } from "./reservation-id.ts";

const UUID_8 = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe("toReservationId", () => {
	test("is a UUID and the same each time", () => {
		expect(toReservationId("42:1", 0)).toMatch(UUID_8);
		expect(toReservationId("a call of a program", 3)).toMatch(UUID_8);
		expect(toReservationId("42:1", 0)).toBe(toReservationId("42:1", 0));
	});

	test("differs by call, attempt, try and generation", () => {
		const ids = ["42:1", "42:2", "43:1", "x"].flatMap((callId) => [
			toReservationId(callId, 0),
			toReservationId(callId, 1),
			toReservationId(callId, 0, 1),
			toReservationId(callId, 1, 1),
			toReservationId(callId, 0, 11),
		]);
		expect(new Set(ids).size).toBe(ids.length);
	});

	test("of a program's call it holds the call's own randomness, time first", () => {
		const callId = "1790000000000:6f1c2f6e-52a1-4d0e-9c1b-3a5f7e9d1b2c";
		expect(toReservationId(callId, 0)).toBe("01a0c450-6c00-8000-9c1b-3a5f7e9d1b2c");
		expect(toReservationId(callId, 2, 10)).toBe("01a0c450-6c00-802a-9c1b-3a5f7e9d1b2c");
		const ids = Array.from({ length: 300 }, (_, at) => [
			toReservationId(callId, at),
			toReservationId(callId, at, 1),
			toReservationId(callId, 0, at + 2),
		]).flat();
		for (const id of ids) expect(id).toMatch(UUID_8);
		expect(new Set(ids).size).toBe(ids.length);
	});

	test("grows with the event it is for", () => {
		const ids = [1, 2, 15, 16, 255, 256, 1_000_000, 10_000_000_000].map((id) =>
			toReservationId(`${id}:1`, 0),
		);
		expect([...ids].sort()).toEqual(ids);
	});
});
