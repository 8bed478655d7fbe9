import ipaddr from "ipaddr.js";
import { AppError } from "../../errors.ts";
import type { KeyGrant } from "../key-grant.ts";

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Block = readonly [network: Address, prefix: number];

/** Of the 128 bits of an IPv4-mapped IPv6 address those before the IPv4 one. */
const MAPPED_BITS = 96;

type Networks = {
	readonly blocks: readonly Block[];
	/** Who asked last: an instance calls again and again from one address, and reading one costs more than all else here. */
	last: { readonly remoteAddress: string; readonly isAllowed: boolean } | undefined;
};

/** Read once for each grant that is remembered. */
const known = new WeakMap<readonly string[], Networks>();

/** True when the key may be used from there. What is no address is nowhere (source: security S24). */
export function isFromAllowedNetwork(
	grant: Pick<KeyGrant, "networks">,
	remoteAddress: string | undefined,
): boolean {
	if (grant.networks === undefined) return true;
	if (remoteAddress === undefined) return false;
	const networks = findNetworks(grant.networks);
	if (networks.last?.remoteAddress !== remoteAddress) {
		networks.last = { remoteAddress, isAllowed: isInside(networks.blocks, remoteAddress) };
	}
	return networks.last.isAllowed;
}

function isInside(blocks: readonly Block[], remoteAddress: string): boolean {
	if (!ipaddr.isValid(remoteAddress)) return false;
	const address = ipaddr.process(remoteAddress);
	return blocks.some((block) => contains(block, address));
}

/** @throws AppError FORBIDDEN (details.reason "key-network"). */
export function requireAllowedNetwork(
	grant: Pick<KeyGrant, "networks">,
	remoteAddress: string | undefined,
): void {
	if (isFromAllowedNetwork(grant, remoteAddress)) return;
	throw new AppError("FORBIDDEN", "the key is bound to other networks", {
		details: { reason: "key-network" },
	});
}

/** A block or a single address as the database takes it: the network's first address and its length. Undefined: neither. */
export function toCidr(text: string): string | undefined {
	const block = readBlock(text.trim());
	if (block === undefined) return undefined;
	const [address, prefix] = block;
	const first = address.kind() === "ipv4" ? ipaddr.IPv4 : ipaddr.IPv6;
	return `${first.networkAddressFromCIDR(`${address.toString()}/${prefix}`).toString()}/${prefix}`;
}

function findNetworks(texts: readonly string[]): Networks {
	const found = known.get(texts);
	if (found !== undefined) return found;
	// A block that cannot be read lets nobody in.
	const blocks = texts.map(readBlock).filter((block) => block !== undefined);
	const networks: Networks = { blocks, last: undefined };
	known.set(texts, networks);
	return networks;
}

/** IPv4 in the dress of IPv6 is IPv4. Short and octal spellings are refused, since not everybody reads them alike. */
function readBlock(text: string): Block | undefined {
	const [host = "", length] = text.split("/", 2);
	if (text.includes("%") || !(ipaddr.IPv4.isValidFourPartDecimal(host) || ipaddr.IPv6.isValid(host)))
		return undefined;
	if (length === undefined) {
		const address = ipaddr.process(host);
		return [address, address.kind() === "ipv4" ? 32 : 128];
	}
	if (!ipaddr.isValidCIDR(text)) return undefined;
	const [address, prefix] = ipaddr.parseCIDR(text);
	const isMapped = address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && prefix >= MAPPED_BITS;
	return isMapped ? [address.toIPv4Address(), prefix - MAPPED_BITS] : [address, prefix];
}

function contains([network, prefix]: Block, address: Address): boolean {
	return network.kind() === address.kind() && address.match(network, prefix);
}
