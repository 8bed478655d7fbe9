import { describe, expect, test } from "@jest/globals";
import { isFromAllowedNetwork, requireAllowedNetwork, toCidr } from "./networks.ts";

const networks = ["10.1.0.0/16", "203.0.113.7/32", "2001:db8:1::/48", "::ffff:192.168.0.0/112"];

describe("a key bound to networks", () => {
	test.each([
		"10.1.2.3",
		"::ffff:10.1.2.3",
		"::ffff:a01:203",
		"203.0.113.7",
		"2001:db8:1:9::1",
		"2001:0DB8:0001::",
		"192.168.255.1",
	])("may be used from %s", (address) => {
		expect(isFromAllowedNetwork({ networks }, address)).toBe(true);
	});

	test.each([
		"10.2.0.0",
		"::ffff:10.2.0.0",
		"203.0.113.8",
		"2001:db8:2::1",
		"64:ff9b::10.1.2.3",
		"127.0.0.1",
		"::1",
		"10.1.2.3, 8.8.8.8",
		"010.1.2.3",
		"",
		undefined,
	])("may not be used from %s", (address) => {
		if (address === "10.1")
			return expect(isFromAllowedNetwork({ networks: ["10.2.0.0/16"] }, address)).toBe(false);
		expect(isFromAllowedNetwork({ networks }, address)).toBe(false);
		expect(() => requireAllowedNetwork({ networks }, address)).toThrow(
			expect.objectContaining({ code: "FORBIDDEN", details: { reason: "key-network" } }),
		);
	});

	test("that nobody can read lets nobody in", () => {
		expect(isFromAllowedNetwork({ networks: ["somewhere"] }, "10.1.2.3")).toBe(false);
		expect(isFromAllowedNetwork({ networks: [] }, "10.1.2.3")).toBe(false);
	});
});

test("a key without networks may be used from anywhere", () => {
	expect(isFromAllowedNetwork({ networks: undefined }, undefined)).toBe(true);
});

test.each([
	["10.1.2.3", "10.1.2.3/32"],
	[" 10.1.2.3/8 ", "10.0.0.0/8"],
	["0.0.0.0/0", "0.0.0.0/0"],
	["2001:DB8::5/32", "2001:db8::/32"],
	["::1", "::1/128"],
	["::ffff:10.1.2.3", "10.1.2.3/32"],
	["::ffff:10.1.2.3/104", "10.0.0.0/8"],
	["10.1", undefined],
	["10.1/16", undefined],
	["010.1.2.3/16", undefined],
	["10.1.2.3/33", undefined],
	["10.1.2.3/", undefined],
	["0x7f000001", undefined],
	["fe80::1%eth0", undefined],
	["localhost", undefined],
	["10.0.0.0/8, 11.0.0.0/8", undefined],
	["", undefined],
])("%j is the block %s", (text, cidr) => {
	expect(toCidr(text)).toBe(cidr);
});
