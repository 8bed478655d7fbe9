import { describe, expect, test } from "@jest/globals";
import { eventually } from "../../../core/testing/eventually.ts";
import { toEvents, toWholeBody } from "../../../core/testing/fake-provider-message.ts";
import { readCharges } from "../testing/read-charges.ts";
import type { RawAnswer } from "./ask-raw.ts";
import { PATHS, post, SURFACES, toBody } from "./ask-raw.ts";
import { modelOf, useGateway } from "./use-gateway.ts";

const gateway = useGateway();
const vendor = () => gateway.vendor("openai");
const pairs = SURFACES.flatMap((surface) => [true, false].map((stream) => ({ surface, stream })));

describe.each(pairs)(
	"bad input 49: an Idempotency-Key of $surface, stream: $stream",
	({ surface, stream }) => {
		const model = modelOf("openai");
		const ask = async (key: string, name: string, more: object = {}): Promise<RawAnswer> =>
			await post(gateway.origin(), PATHS[surface], {
				key,
				body: toBody(surface, model, { stream, ...more }),
				headers: { "idempotency-key": name },
			});

		test("gives the same answer again, byte by byte, for one charge", async () => {
			const { accountId, key } = await gateway.addPerson();
			const first = await ask(key, "order-17");
			const asked = vendor().requests.length;
			const second = await ask(key, "order-17");
			expect(first.status).toBe(200);
			expect(second).toMatchObject({ status: 200, text: first.text });
			expect(second.headers.get("content-type")).toBe(first.headers.get("content-type"));
			expect(vendor().requests).toHaveLength(asked);
			expect((await readCharges(gateway.world().db, accountId)).usage).toHaveLength(1);
		});

		test("is refused with another body, and belongs to its key alone", async () => {
			const { key } = await gateway.addPerson();
			const other = await gateway.addPerson();
			expect((await ask(key, "order-18")).status).toBe(200);
			const conflict = await ask(key, "order-18", { temperature: 1 });
			expect(conflict.status).toBe(409);
			expect(conflict.text).toContain('"code":"REQUEST_INVALID"');
			expect((await ask(other.key, "order-18", { temperature: 1 })).status).toBe(200);
		});

		test("is refused while the first one runs", async () => {
			const waiting: unknown[] = [];
			const gate = Promise.withResolvers<void>();
			vendor().answerAlways({
				kind: "raw",
				async write(response, { url = "" }) {
					waiting.push(url);
					await gate.promise;
					const type = stream ? "text/event-stream" : "application/json";
					const message = { kind: "message", text: "done" } as const;
					response.writeHead(200, { "content-type": type });
					response.end(stream ? toEvents(url, message) : toWholeBody(url, message));
				},
			});
			const { key } = await gateway.addPerson();
			const first = ask(key, "order-19");
			await eventually(() => waiting.length > 0);
			const second = await ask(key, "order-19");
			expect(second.status).toBe(409);
			expect(Number(second.headers.get("retry-after"))).toBeGreaterThan(0);
			gate.resolve();
			const { status, text } = await first;
			expect(status).toBe(200);
			expect(await ask(key, "order-19")).toMatchObject({ status: 200, text });
		});

		test("is free again after a failure", async () => {
			const { key } = await gateway.addPerson();
			vendor().answerNext({ kind: "status", status: 400 });
			expect((await ask(key, "order-20")).status).toBe(400);
			expect((await ask(key, "order-20")).status).toBe(200);
		});

		test.each(["", "a b", "x".repeat(256), "ü"])("that is none (%j) is refused", async (name) => {
			const { key } = gateway.person();
			const { status } = await ask(key, name).catch(() => ({ status: 400 }));
			expect(status).toBe(400);
		});
	},
);
