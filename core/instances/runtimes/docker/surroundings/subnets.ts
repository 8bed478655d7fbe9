import { isIPv4 } from "node:net";

/** One network of an instance: sixteen addresses, of which it needs three. */
const BITS = 28;

/** A network and the machine's own address in it. */
export type Subnet = { readonly subnet: string; readonly gateway: string };

/**
 * The n-th part of a range for an instance's network, round and round.
 *
 * @param range such as 10.213.0.0/16
 * @throws TypeError for a range that is none
 */
export function toSubnet(range: string, index: number): Subnet {
	const [address = "", bits = ""] = range.split("/");
	const length = Number(bits);
	if (!isIPv4(address) || !/^\d{1,2}$/.test(bits) || length < 8 || length > BITS) {
		throw new TypeError(`no range of addresses: ${range}`);
	}
	const count = 2 ** (BITS - length);
	const size = 2 ** (32 - BITS);
	const number = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
	const first = number - (number % 2 ** (32 - length)) + (index % count) * size;
	return { subnet: `${toAddress(first)}/${BITS}`, gateway: toAddress(first + 1) };
}

function toAddress(number: number): string {
	return [2 ** 24, 2 ** 16, 2 ** 8, 1].map((unit) => Math.floor(number / unit) % 256).join(".");
}
