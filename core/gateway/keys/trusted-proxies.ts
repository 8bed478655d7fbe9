import ipaddr from "ipaddr.js";
import { isFromAllowedNetwork } from "./networks.ts";

/** remoteAddress: of the socket. forwardedFor: X-Forwarded-For as it came. Undefined: nobody can say. */
export type FindCaller = (
	remoteAddress: string | undefined,
	forwardedFor: string | undefined,
) => string | undefined;

const IN_BRACKETS = /^\[([^\]]+)\](?::\d+)?$/;
const WITH_PORT = /^([\d.]+):\d+$/;

/**
 * Whose address a key's networks are held against: the far end of the socket; behind a proxy that is trusted (CIDR blocks or
 * single addresses) the last of X-Forwarded-For that is no such proxy, for what stands before it is the caller's own words. A
 * trusted proxy that names nobody, or no address, leaves it open who calls (source: security S24).
 */
export function createCallerFinder(trustedProxies: readonly string[]): FindCaller {
	if (trustedProxies.length === 0) return (remoteAddress) => remoteAddress;
	const trusted = { networks: trustedProxies };
	return (remoteAddress, forwardedFor) => {
		if (!isFromAllowedNetwork(trusted, remoteAddress)) return remoteAddress;
		if (forwardedFor === undefined) return undefined;
		const hops = forwardedFor.split(",").map(toAddress);
		const last = hops.findLast((hop) => hop === undefined || !isFromAllowedNetwork(trusted, hop));
		return last ?? (hops.includes(undefined) ? undefined : hops[0]);
	};
}

function toAddress(hop: string): string | undefined {
	const text = hop.trim();
	const address = IN_BRACKETS.exec(text)?.[1] ?? WITH_PORT.exec(text)?.[1] ?? text;
	return ipaddr.IPv4.isValidFourPartDecimal(address) || ipaddr.IPv6.isValid(address) ? address : undefined;
}
