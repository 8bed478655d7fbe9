import { describe, expect, test } from "@jest/globals";
import { eventually } from "../../../core/testing/eventually.ts";
import { PATHS, post, SURFACES, toBody } from "./ask-raw.ts";
import { DIALECTS, modelNamed, modelOf, useGateway } from "./use-gateway.ts";

const gateway = useGateway({ vendors: DIALECTS.map((dialect) => ({ id: `poor-${dialect}`, dialect })) });

const NO_MONEY =
	'{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the API: org-abc123"}}';
const WRONG = '{"error":{"type":"invalid_request_error","message":"tools.0: wrong for org-abc123"}}';

const ask = async (surface: (typeof SURFACES)[number], model: string) =>
	await post(gateway.origin(), PATHS[surface], {
		key: gateway.person().key,
		body: toBody(surface, model),
	});

describe.each(DIALECTS)("a vendor of the dialect %s", (dialect) => {
	test("whose money is spent is taken out, and nobody reads its words", async () => {
		const vendor = gateway.vendorNamed(`poor-${dialect}`);
		vendor.answerAlways({ kind: "status", status: 400, body: NO_MONEY });
		const { status, text } = await ask(dialect, modelNamed(`poor-${dialect}`));
		expect({ status, text }).toMatchObject({
			status: 503,
			text: expect.not.stringMatching(/org-abc|credit/),
		});
		const asked = vendor.requests.length;
		await eventually(async () => (await ask(dialect, modelNamed(`poor-${dialect}`))).status === 503);
		expect(vendor.requests).toHaveLength(asked);
	});

	test("that refuses a request is not quoted, whatever the surface", async () => {
		for (const surface of SURFACES) {
			gateway.vendor(dialect).answerNext({ kind: "status", status: 400, body: WRONG });
			const { status, text } = await ask(surface, modelOf(dialect));
			expect({ status, text }).toMatchObject({
				status: 400,
				text: expect.stringContaining("refuses this very request"),
			});
			expect(text).not.toContain("org-abc123");
		}
	});
});
