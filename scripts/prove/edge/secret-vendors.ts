import type { Knex } from "knex";
import type { FakeAnswer, FakeProviderServer } from "../../../core/testing/fake-provider-server.ts";
import type { Place } from "./canaries.ts";
import type { Desk } from "./desk.ts";
import { echo } from "./edge-world.ts";
import type { VendorId } from "./secret-env.ts";
import { VENDOR_IDS } from "./secret-env.ts";

/** Points every provider of the environment at our own vendor, keys and all, as an admin would. */
export async function pointVendors(db: Knex, vendor: FakeProviderServer): Promise<void> {
	const { origin } = new URL(vendor.baseUrl("openai"));
	for (const id of VENDOR_IDS) {
		await db("providers")
			.where({ id })
			.update({
				base_url: `${origin}/vendor-${id}${id === "anthropic" ? "" : "/v1"}`,
				allow_private_network: true,
				managed_by: "admin",
			});
	}
}

/** Somebody whose account asks this vendor first. */
export async function askVendor(desk: Desk, id: VendorId, message: string): Promise<number> {
	const { key } = await desk.program({ planId: "max_200", routeOrder: [id] });
	return (await desk.chat(key, { message })).status;
}

/** Every way a vendor can say our key back to us. */
export function toTellTales(key: string): readonly FakeAnswer[] {
	const told = `Incorrect API key provided: ${key}. Authorization: Bearer ${key}`;
	const body = JSON.stringify({ error: { message: told, code: key, type: key } });
	const html = `<html>${Buffer.from(key).toString("base64")} ${encodeURIComponent(key)}</html>`;
	const stream = (text: string): FakeAnswer => ({
		kind: "raw",
		write(response) {
			response.writeHead(200, { "content-type": "text/event-stream" });
			response.end(text);
		},
	});
	// In an order in which none makes the node leave the vendor alone before the last.
	return [
		{ kind: "status", status: 500, body: html },
		{ kind: "status", status: 302, headers: { location: `https://user:${key}@example.invalid/?key=${key}` } },
		{ kind: "status", status: 400, body },
		stream(`data: ${JSON.stringify({ error: { message: told, code: key } })}\n\n`),
		stream(`event: error\ndata: {"type":"error","error":{"type":"x","message":"${told}"}}\n\n`),
		{ kind: "raw", write: (response) => void response.socket?.end(`HTTP/1.1 200 OK\r\nx: ${key}\0\r\n\r\n`) },
		{ kind: "status", status: 429, headers: { "retry-after": "0", "x-key": key }, body: told },
		{ kind: "status", status: 401, body },
	];
}

/**
 * What the vendors were sent, without the one thing that was for them.
 * @returns wrong: requests whose key was not the vendor's own
 */
export function readVendors(
	vendor: FakeProviderServer,
	keys: Readonly<Record<VendorId, string>>,
): { readonly places: readonly Place[]; readonly wrong: readonly string[] } {
	const wrong: string[] = [];
	const places = vendor.requests.map(({ path, headers, body }): Place => {
		const id = (/^\/vendor-(\w+)\//.exec(path)?.[1] ?? "nobody") as VendorId;
		const { authorization, "x-api-key": xApiKey, ...rest } = headers;
		const sent = [authorization, xApiKey].filter((value) => value !== undefined).join();
		if (sent !== (id === "anthropic" ? keys[id] : `Bearer ${keys[id]}`)) wrong.push(id);
		return { kind: "vendor", name: id, text: JSON.stringify([path, rest, body]) };
	});
	return { places, wrong };
}

/** The first answers of one vendor are these; everybody else echoes. */
export function answerVendor(vendor: FakeProviderServer, id: VendorId, answers: readonly FakeAnswer[]): void {
	const queue = [...answers];
	vendor.answerAlways((request) => {
		const isHis = request.path.startsWith(`/vendor-${id}/`);
		return (isHis ? queue.shift() : undefined) ?? echo(request);
	});
}
