import { toAddressKind } from "./address.ts";

export type EgressPolicy = {
	/** Set for an endpoint an admin approved by hand: loopback and LAN addresses, plain http there, any port. */
	readonly allowPrivateNetwork: boolean;
	/** Ports besides 443 and 8443 that the operator opened for everybody. */
	readonly portsAllowed: readonly number[];
};

export type UrlRefusal =
	| "not-a-url"
	| "scheme"
	| "credentials"
	| "port"
	| "address"
	| "local-name"
	| "query"
	| "too-long";

export type UrlCheck =
	| { readonly kind: "ok"; readonly url: URL }
	| { readonly kind: "refused"; readonly why: UrlRefusal };

const URL_LENGTH_MAX = 2_000;
const PORTS_PUBLIC = [443, 8443];
const DEFAULT_PORTS: Readonly<Record<string, number>> = { "https:": 443, "http:": 80 };
/** Names that mean this machine or its neighbourhood, whatever a resolver says (RFC 6761, RFC 8375, RFC 9476). */
const LOCAL_NAME = /(^|\.)(localhost|local|localdomain|internal|intranet|lan|home|corp|home\.arpa|alt)$/;

/**
 * What can be said about a URL before any name is resolved (S25). The URL parser has already folded the disguises of an
 * address ("0x7f.1", "2130706433", "127.1", full-width dots) into plain dotted form when we look at it.
 */
export function checkUrl(text: string, policy: EgressPolicy): UrlCheck {
	if (text.length > URL_LENGTH_MAX) return { kind: "refused", why: "too-long" };
	const url = URL.parse(text);
	if (url === null) return { kind: "refused", why: "not-a-url" };
	const why = findRefusal(url, policy);
	return why === undefined ? { kind: "ok", url } : { kind: "refused", why };
}

function findRefusal(url: URL, policy: EgressPolicy): UrlRefusal | undefined {
	const plain = url.protocol === "http:" && policy.allowPrivateNetwork;
	if (url.protocol !== "https:" && !plain) return "scheme";
	if (url.username !== "" || url.password !== "") return "credentials";
	if (url.search !== "" || url.hash !== "") return "query";
	const port = url.port === "" ? (DEFAULT_PORTS[url.protocol] ?? 0) : Number(url.port);
	const portOpen = PORTS_PUBLIC.includes(port) || policy.portsAllowed.includes(port);
	if (!portOpen && !policy.allowPrivateNetwork) return "port";
	return findHostRefusal(url.hostname, policy);
}

function findHostRefusal(hostname: string, policy: EgressPolicy): UrlRefusal | undefined {
	const host = toBareHost(hostname);
	if (host === "") return "not-a-url";
	if (isIpLiteral(hostname)) return isAddressAllowed(host, policy) ? undefined : "address";
	if (policy.allowPrivateNetwork) return undefined;
	// A name without a dot is looked up in the machine's own search domains.
	return LOCAL_NAME.test(host) || !host.includes(".") ? "local-name" : undefined;
}

/** Brackets of an IPv6 literal and the dot of a fully qualified name taken away. */
export function toBareHost(hostname: string): string {
	return hostname.replace(/^\[|\]$/g, "").replace(/\.+$/, "");
}

export function isIpLiteral(hostname: string): boolean {
	return hostname.startsWith("[") || /^[\d.]+$/.test(hostname) || hostname.includes(":");
}

export function isAddressAllowed(
	address: string,
	policy: Pick<EgressPolicy, "allowPrivateNetwork">,
): boolean {
	const kind = toAddressKind(address);
	return kind === "public" || (kind === "lan" && policy.allowPrivateNetwork);
}
