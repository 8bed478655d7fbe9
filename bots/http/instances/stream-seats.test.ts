import { expect, test } from "@jest/globals";
import { createStreamSeats } from "./stream-seats.ts";

test("an account has so many seats, and gets back what it left", () => {
	const seats = createStreamSeats(2);
	const leave = seats.take("a");
	seats.take("a");
	seats.take("b");
	expect(() => seats.take("a")).toThrow(expect.objectContaining({ code: "RATE_LIMITED", status: 429 }));
	leave();
	seats.take("a");
	expect(() => seats.take("a")).toThrow(expect.objectContaining({ status: 429 }));
});
