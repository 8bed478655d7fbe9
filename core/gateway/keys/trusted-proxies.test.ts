import { describe, expect, test } from "@jest/globals";
import { createCallerFinder } from "./trusted-proxies.ts";

const PROXIES = ["127.0.0.1", "10.0.0.0/8", "fd00::/8"];
const find = createCallerFinder(PROXIES);

describe("who calls", () => {
	test.each([
		["without a proxy", "203.0.113.9", undefined, "203.0.113.9"],
		["who only says he is somebody else", "203.0.113.9", "127.0.0.1", "203.0.113.9"],
		["behind the proxy", "127.0.0.1", "203.0.113.9", "203.0.113.9"],
		["behind the proxy, in the dress of IPv6", "::ffff:127.0.0.1", "203.0.113.9", "203.0.113.9"],
		["behind two", "127.0.0.1", "203.0.113.9, 10.1.1.1", "203.0.113.9"],
		["whose own words stand before the truth", "127.0.0.1", "10.0.0.7, 203.0.113.9", "203.0.113.9"],
		["with a port", "127.0.0.1", "203.0.113.9:4711", "203.0.113.9"],
		["with IPv6 and a port", "fd00::1", "[2001:db8::7]:4711", "2001:db8::7"],
		["from the proxies' own network", "127.0.0.1", "10.2.2.2, 10.1.1.1", "10.2.2.2"],
		["whom the proxy does not name", "127.0.0.1", undefined, undefined],
		["whose address is none", "127.0.0.1", "203.0.113.9, unknown", undefined],
		["whose list is empty", "127.0.0.1", "", undefined],
		["whose own words are no address, before the truth", "127.0.0.1", "x, 203.0.113.9", "203.0.113.9"],
		["whose address is short", "127.0.0.1", "127.1", undefined],
		["from nowhere", undefined, "203.0.113.9", undefined],
	])("%s", (_, remote, forwarded, caller) => {
		expect(find(remote, forwarded)).toBe(caller);
	});

	test("is the socket's far end where no proxy is trusted", () => {
		expect(createCallerFinder([])("127.0.0.1", "203.0.113.9")).toBe("127.0.0.1");
	});
});
