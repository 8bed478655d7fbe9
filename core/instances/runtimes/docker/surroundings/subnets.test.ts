import { expect, test } from "@jest/globals";
import { toSubnet } from "./subnets.ts";

test("a range is cut into parts of sixteen addresses, round and round", () => {
	expect(toSubnet("10.213.0.0/16", 0)).toEqual({ subnet: "10.213.0.0/28", gateway: "10.213.0.1" });
	expect(toSubnet("10.213.0.0/16", 17)).toEqual({ subnet: "10.213.1.16/28", gateway: "10.213.1.17" });
	expect(toSubnet("10.213.0.0/16", 4_095)).toEqual({
		subnet: "10.213.255.240/28",
		gateway: "10.213.255.241",
	});
	expect(toSubnet("10.213.0.0/16", 4_096)).toEqual(toSubnet("10.213.0.0/16", 0));
	expect(toSubnet("192.168.7.77/24", 1).subnet).toBe("192.168.7.16/28");
});

test.each(["10.0.0.0", "10.0.0.0/7", "10.0.0.0/29", "10.0.0/16", "x/16", "10.0.0.0/16x"])(
	"%s is no range",
	(range) => {
		expect(() => toSubnet(range, 0)).toThrow(TypeError);
	},
);
