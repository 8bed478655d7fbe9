import ipaddr from "ipaddr.js";

/** public: reachable on the internet. lan: what an admin may approve by hand. refused: never connected to, whoever asks. */
export type AddressKind = "public" | "lan" | "refused";

const LAN_RANGES = new Set(["loopback", "private", "uniqueLocal", "carrierGradeNat"]);

/** Cloud metadata services that live inside ranges an admin may otherwise approve (AWS IPv6, Alibaba Cloud). */
const METADATA = new Set(["fd00:ec2::254", "100.100.100.200"]);

/** Global unicast space; everything else of IPv6 is reserved, IPv4-compatible (::/96) included (IANA registry, RFC 4291). */
const GLOBAL_UNICAST_V6 = ipaddr.parseCIDR("2000::/3");

/**
 * Sorts an IP literal by the special-purpose registries (RFC 6890 and later). IPv4 inside IPv6 in any form (mapped,
 * NAT64, 6to4, Teredo) is refused as such: nobody needs it to reach a model, and each is a way round the check.
 */
export function toAddressKind(address: string): AddressKind {
	if (!ipaddr.isValid(address)) return "refused";
	const parsed = ipaddr.parse(address);
	if (METADATA.has(parsed.toString())) return "refused";
	const range = parsed.range();
	if (LAN_RANGES.has(range)) return "lan";
	if (range !== "unicast") return "refused";
	if (parsed.kind() === "ipv6" && !parsed.match(GLOBAL_UNICAST_V6)) return "refused";
	return "public";
}
