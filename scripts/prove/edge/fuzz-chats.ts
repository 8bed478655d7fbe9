import type { Arbitrary } from "fast-check";
import fc from "fast-check";
import type { Desk } from "./desk.ts";
import { damage, oddText } from "./fuzz-updates.ts";

export type ChatCase = {
	readonly body: Readonly<Record<string, unknown>>;
	readonly headers: Readonly<Record<string, string>>;
	readonly spoil: (text: string) => Buffer;
	/** Which of the programs sends it. */
	readonly by: number;
};

const anything = fc.jsonValue({ maxDepth: 3 });

const body = fc.oneof(
	{
		weight: 6,
		arbitrary: fc.record(
			{
				message: oddText as Arbitrary<unknown>,
				conversation: fc.oneof(fc.constantFrom("a", "b", "c"), oddText),
				policy: fc.constantFrom("BEST", "CHEAP", "CN_OK", "FREE"),
				stream: fc.boolean(),
			},
			{ requiredKeys: ["message"] },
		),
	},
	{
		weight: 2,
		arbitrary: fc.record(
			{ message: anything, conversation: anything, stream: anything, policy: anything, model: anything },
			{ requiredKeys: [] },
		),
	},
	{ weight: 1, arbitrary: fc.dictionary(fc.string({ maxLength: 12 }), anything, { maxKeys: 5 }) },
);

const visible = fc.string({
	unit: fc.constantFrom(..."abcXYZ019-_.~!*'();:@&=+$,/?#[]%\"<>{}|\\^`"),
	maxLength: 300,
});

const headers = fc.record(
	{
		"idempotency-key": fc.oneof(fc.constantFrom("k1", "k2"), visible),
		accept: fc.oneof(fc.constantFrom("text/event-stream", "application/json", "*/*"), visible),
		"accept-language": fc.oneof(fc.constantFrom("ru", "zh-CN", "xx-YY;q=9"), visible),
		"content-type": fc.oneof(
			{ weight: 5, arbitrary: fc.constant("application/json") },
			{ weight: 1, arbitrary: visible },
		),
		"content-encoding": fc.constantFrom("identity", "gzip", "br"),
		"x-forwarded-for": visible,
	},
	{ requiredKeys: [] },
);

export const chatCase: Arbitrary<ChatCase> = fc.record({
	body: body as Arbitrary<Readonly<Record<string, unknown>>>,
	headers: fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: headers }),
	spoil: damage,
	by: fc.nat(),
});

/** Posts a batch at once. @throws Error at the first answer that is not one of these */
export async function postChats(
	desk: Desk,
	keys: readonly string[],
	batch: readonly ChatCase[],
	allowed: (status: number) => boolean,
): Promise<void> {
	const answers = await Promise.all(
		batch.map(async ({ body: fields, headers: more, spoil, by }) => {
			const bytes = spoil(JSON.stringify(fields));
			const answer = await desk.chat(keys[by % keys.length] ?? "", bytes, more);
			return { bytes, answer };
		}),
	);
	const bad = answers.find(({ answer }) => !allowed(answer.status));
	if (bad === undefined) return;
	const { status, text } = bad.answer;
	throw new Error(`${status} ${text.slice(0, 200)} for ${bad.bytes.toString("utf8").slice(0, 400)}`);
}
