import { expect, test } from "@jest/globals";
import { PATHS, post, SURFACES, toBody } from "./ask-raw.ts";
import { modelOf, useGateway } from "./use-gateway.ts";

const gateway = useGateway();

test.each(SURFACES)(
	"an answer of %s that was cut may be asked for again under its Idempotency-Key",
	async (surface) => {
		const { key } = await gateway.addPerson();
		const ask = async () =>
			await post(gateway.origin(), PATHS[surface], {
				key,
				body: toBody(surface, modelOf("openai"), { stream: true }),
				headers: { "idempotency-key": "order-30" },
			});
		gateway
			.vendor("openai")
			.answerNext({ kind: "text", pieces: ["one", "two", "three"], after: { pieces: 1, follow: "cut" } });
		const cut = await ask();
		expect(cut.text).not.toContain("hel");
		const whole = await ask();
		expect(whole).toMatchObject({ status: 200, text: expect.stringContaining("hel") });
		expect(await ask()).toMatchObject({ status: 200, text: whole.text });
	},
);
