import { describe, expect, test } from "@jest/globals";
import type { Dialect } from "../../../core/dialects/types.ts";
import { eventually } from "../../../core/testing/eventually.ts";
import type { FakeAnswer } from "../../../core/testing/fake-provider-server.ts";
import { toWireFormat } from "../../../core/testing/fake-provider-wire.ts";
import { readCharges } from "../testing/read-charges.ts";
import { PATHS, post, toBody } from "./ask-raw.ts";
import { DIALECTS, modelNamed, useGateway } from "./use-gateway.ts";

const MIB = "x".repeat(1024 * 1024);
const LINE_MIB = 100;
const RETRY_SECONDS_MAX = 3_600;

function raw(type: string, body: string): FakeAnswer {
	return {
		kind: "raw",
		write: (response) => void response.writeHead(200, { "content-type": type }).end(body),
	};
}

function usage(input: unknown, output: unknown): FakeAnswer {
	return { kind: "text", usage: { input, output } };
}

/** Says something, then a line that does not end. */
const longLine: FakeAnswer = {
	kind: "raw",
	async write(response, { url = "" }) {
		const wire = toWireFormat(url, "none");
		const closed = new Promise((resolve) => response.once("close", resolve));
		response.writeHead(200, { "content-type": "text/event-stream" });
		response.write(`${wire.begin()}${wire.piece("hello")}data: `);
		for (let count = 0; count < LINE_MIB && !response.destroyed; count += 1) {
			if (!response.write(MIB)) {
				await Promise.race([closed, new Promise((resolve) => response.once("drain", resolve))]);
			}
		}
		response.destroy();
	},
};

const endless: FakeAnswer = {
	kind: "raw",
	async write(response, { url = "" }) {
		const wire = toWireFormat(url, "none");
		response.writeHead(200, { "content-type": "text/event-stream" });
		response.write(wire.begin());
		while (!response.destroyed) {
			response.write(wire.piece("and on and on "));
			await new Promise((resolve) => setTimeout(resolve, 5));
		}
	},
};

const NO_ANSWERS: Readonly<Record<string, FakeAnswer>> = {
	"html-200": raw("text/html", "<html>Welcome to nginx!</html>"),
	"html-as-events": raw("text/event-stream", "<html>Welcome to nginx!</html>\n\n"),
	"html-as-json": raw("application/json", "<html>Welcome to nginx!</html>"),
	nothing: raw("text/event-stream", ""),
	"empty-object": raw("application/json", "{}"),
	array: raw("application/json", "[]"),
	redirect: { kind: "status", status: 302, headers: { location: "http://127.0.0.1:1/" } },
	"server-error": { kind: "status", status: 500, body: "sk-vendor-secret at 10.0.0.7" },
	drop: { kind: "drop" },
};

const ANSWERS: Readonly<Record<string, FakeAnswer>> = {
	"no-usage": { kind: "text", usage: "none" },
	"negative-usage": usage(-5, -7),
	"huge-usage": usage(1e18, 1e18),
	"text-usage": usage("20", "2"),
	"null-usage": usage(null, null),
	"float-usage": usage(1.5, 2.5),
	"no-terminator": { kind: "text", terminator: false },
};
const CUT: Readonly<Record<string, FakeAnswer>> = { "long-line": longLine, endless };
const PAUSE: Readonly<Record<string, FakeAnswer>> = {
	"long-pause": { kind: "status", status: 429, headers: { "retry-after": "1000000000" } },
};

const PAIRS = DIALECTS.flatMap((surface) =>
	DIALECTS.flatMap((dialect) => [true, false].map((stream) => ({ surface, dialect, stream }))),
);
const gateway = useGateway({
	env: { PROVIDER_TOTAL_TIMEOUT_MS: "1500" },
	vendors: PAIRS.flatMap((pair) =>
		Object.keys({ ...NO_ANSWERS, ...ANSWERS, ...CUT, ...PAUSE }).map((name) => ({
			id: toId(name, pair),
			dialect: pair.dialect,
		})),
	),
});

type Pair = { readonly surface: Dialect; readonly dialect: Dialect; readonly stream: boolean };

function toId(name: string, { surface, dialect, stream }: Pair): string {
	return `${name}-${surface}-${dialect}-${stream ? "s" : "w"}`;
}

async function ask(name: string, answer: FakeAnswer | undefined, pair: Pair) {
	const id = toId(name, pair);
	gateway.vendorNamed(id).answerAlways(answer ?? { kind: "hang" });
	const { accountId, key } = await gateway.addPerson();
	const body = toBody(pair.surface, modelNamed(id), { stream: pair.stream });
	const answered = await post(gateway.origin(), PATHS[pair.surface], { key, body });
	const { db } = gateway.world();
	await eventually(async () => (await readCharges(db, accountId)).usage.length > 0);
	return { ...answered, ...(await readCharges(db, accountId)), vendor: gateway.vendorNamed(id) };
}

describe.each(PAIRS)("bad input 46: $surface over $dialect, stream: $stream", (pair) => {
	test.each(Object.keys(NO_ANSWERS))("%s is no answer, is told as such and costs nothing", async (name) => {
		const { status, text, reservations } = await ask(name, NO_ANSWERS[name], pair);
		expect(status).toBe(503);
		expect(text).toContain('"code":"ROUTER_NO_PROVIDER"');
		expect(text).not.toMatch(/nginx|sk-vendor|10\.0\.0\.7/);
		for (const { state, charged } of reservations) {
			expect({ state, charged }).toEqual({ state: "voided", charged: 0 });
		}
	});

	test.each(Object.keys(ANSWERS))("%s is an answer, and costs what can be", async (name) => {
		const { status, text, reservations, usage: entries } = await ask(name, ANSWERS[name], pair);
		expect(status).toBe(200);
		expect(text).toMatch(/hel(lo)?/);
		const [entry] = entries;
		expect(entry?.charged).toBeGreaterThan(0);
		expect(reservations).toMatchObject([{ state: "posted", charged: entry?.charged, overrun: 0 }]);
		if (name === "no-terminator") expect(entry).toMatchObject({ origin: "reported", charged: 22 });
		else expect(entry).toMatchObject({ origin: "counted" });
		expect(entry?.charged).toBeLessThan(200);
	});

	test("a pause of thirty years is told as one of an hour at most", async () => {
		const { status, headers, reservations } = await ask("long-pause", PAUSE["long-pause"], pair);
		expect(status).toBe(429);
		expect(Number(headers.get("retry-after"))).toBeLessThanOrEqual(RETRY_SECONDS_MAX);
		expect(reservations).toMatchObject([{ state: "voided", charged: 0 }]);
	});
});

describe.each(PAIRS.filter(({ stream }) => stream))(
	"bad input 46: a stream of $surface over $dialect",
	(pair) => {
		test.each(Object.keys(CUT))("%s is cut, told and costs no more than was held", async (name) => {
			const { status, text, reservations, usage: entries, vendor } = await ask(name, CUT[name], pair);
			expect(status).toBe(200);
			expect(text).toContain('"code":"ROUTER_');
			expect(text.length).toBeLessThan(21 * 1024 * 1024);
			expect(entries).toMatchObject([{ outcome: "cut", origin: "counted" }]);
			expect(reservations).toMatchObject([{ state: "posted", charged: entries[0]?.charged, overrun: 0 }]);
			await eventually(() => vendor.openConnectionCount() === 0);
		});
	},
);
