/** What a path of the gateway is for. */
export type GatewayRoute = {
	readonly surface: "openai" | "anthropic" | "responses" | "embeddings";
	/** unknown: ours by its beginning, but there is nothing, or not by that method. */
	readonly action: "complete" | "count" | "list" | "show" | "unknown";
	/** The method there is, where it was another. */
	readonly allow?: "GET" | "POST";
	/** Of a model that is asked about. */
	readonly id?: string;
};

const POSTS: Readonly<Record<string, GatewayRoute>> = {
	"/v1/chat/completions": { surface: "openai", action: "complete" },
	"/v1/messages": { surface: "anthropic", action: "complete" },
	"/v1/messages/count_tokens": { surface: "anthropic", action: "count" },
	"/v1/responses": { surface: "responses", action: "complete" },
	"/v1/embeddings": { surface: "embeddings", action: "complete" },
};
const MODELS = "/v1/models";
/** What begins so is asked by a vendor's own package, and told in its shape that it is not here. */
const BEGINNINGS = Object.entries(POSTS).map(([path, { surface }]) => [`${path}/`, surface] as const);

/** Undefined: not the gateway's. `isAnthropic`: the caller sent that vendor's version header. */
export function findGatewayRoute(
	method: string | undefined,
	url: string,
	isAnthropic: boolean,
): GatewayRoute | undefined {
	const query = url.indexOf("?");
	const path = query === -1 ? url : url.slice(0, query);
	if (path === MODELS || path.startsWith(`${MODELS}/`)) return toModelsRoute(method, path, isAnthropic);
	const route = Object.hasOwn(POSTS, path) ? POSTS[path] : undefined;
	if (route !== undefined) return method === "POST" ? route : toUnknown(route.surface, "POST");
	const beginning = BEGINNINGS.find(([start]) => path.startsWith(start));
	return beginning === undefined ? undefined : toUnknown(beginning[1]);
}

function toModelsRoute(method: string | undefined, path: string, isAnthropic: boolean): GatewayRoute {
	const surface = isAnthropic ? "anthropic" : "openai";
	if (method !== "GET") return toUnknown(surface, "GET");
	return path === MODELS ? { surface, action: "list" } : { surface, action: "show", id: toId(path) };
}

function toUnknown(surface: GatewayRoute["surface"], allow?: "GET" | "POST"): GatewayRoute {
	return { surface, action: "unknown", ...(allow !== undefined && { allow }) };
}

function toId(path: string): string {
	try {
		return decodeURIComponent(path.slice(MODELS.length + 1));
	} catch {
		return "";
	}
}
