/** What a path of the gateway is for. */
export type GatewayRoute = {
	readonly surface: "openai" | "anthropic" | "responses" | "embeddings";
	readonly action: "complete" | "count" | "list" | "show";
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

/** Undefined: not the gateway's. `isAnthropic`: the caller sent that vendor's version header. */
export function findGatewayRoute(
	method: string | undefined,
	url: string,
	isAnthropic: boolean,
): GatewayRoute | undefined {
	const query = url.indexOf("?");
	const path = query === -1 ? url : url.slice(0, query);
	if (method === "POST") return Object.hasOwn(POSTS, path) ? POSTS[path] : undefined;
	if (method !== "GET" || !path.startsWith(MODELS)) return undefined;
	const surface = isAnthropic ? "anthropic" : "openai";
	if (path === MODELS) return { surface, action: "list" };
	return path[MODELS.length] === "/" ? { surface, action: "show", id: toId(path) } : undefined;
}

function toId(path: string): string {
	try {
		return decodeURIComponent(path.slice(MODELS.length + 1));
	} catch {
		return "";
	}
}
