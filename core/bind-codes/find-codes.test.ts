import { expect, test } from "@jest/globals";
import { findCodes } from "./find-codes.ts";

test.each([
	["/bind ABCDE-12345", ["ABCDE-12345"]],
	["/BIND  abcde 12345 ", ["abcde 12345"]],
	["/bind@rock_bot abcde12345", ["abcde12345"]],
	["/绑定 ABCD-EFGH-1234-5678", ["ABCD-EFGH-1234-5678"]],
	["/start AbCdEfGhIjKlMnOpQrStU-", ["AbCdEfGhIjKlMnOpQrStU-"]],
	[" abcde-12345 ", ["abcde-12345"]],
	[
		"take ABCDE-12345 or ABCD\u2013EFGH\u20131234\u20135678!",
		["ABCD\u2013EFGH\u20131234\u20135678", "ABCDE-12345"],
	],
	["\uff21BCDE\uff0d12345 is it", ["\uff21BCDE\uff0d12345"]],
	["see https://t.me/rock_bot?start=AbCdEfGhIjKlMnOpQrStU_.", ["AbCdEfGhIjKlMnOpQrStU_"]],
	["/bind", []],
	["/bind x", []],
	["/usage for today, please", []],
	["hello-world and 12345-67890", []],
	["123e4567-e89b-12d3-a456-426614174000", []],
])("%j holds %j", (text, codes) => {
	expect(findCodes(text)).toEqual(codes);
});

test("a code is found wherever it stands in an event", () => {
	const body = {
		message: { caption: "ABCDE-12345", photo: [{}], entities: null, date: 5 },
		more: ["/bind FGHJK12345"],
	};
	expect(findCodes(body)).toEqual(["ABCDE-12345", "FGHJK12345"]);
});
