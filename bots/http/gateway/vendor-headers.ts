import type { IncomingHttpHeaders } from "node:http";

const NONE: Readonly<Record<string, string>> = {};
const VERSION = /^\d{4}-\d{2}-\d{2}$/;
const BETA = /^[a-z0-9-]{1,64}$/;
const BETAS_MAX = 24;
/** Windows beyond the usual length and faster answers are sold at another price than our tokens are. */
const DEARER = /^(?:context|fast-mode)-/;

/**
 * Anthropic's versions and experiments, as its clients name them; what does not look like one is left out. Only a provider of
 * that dialect gets to see them. Source: Claude docs, "Versions" and "Beta headers", read 2026-11-20.
 */
export function toVendorHeaders(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
	const version = headers["anthropic-version"];
	const beta = headers["anthropic-beta"];
	if (version === undefined && beta === undefined) return NONE;
	const names = String(beta ?? "")
		.split(",", BETAS_MAX)
		.map((name) => name.trim())
		.filter((name) => BETA.test(name) && !DEARER.test(name));
	return {
		...(typeof version === "string" && VERSION.test(version) && { "anthropic-version": version }),
		...(names.length > 0 && { "anthropic-beta": names.join(",") }),
	};
}
