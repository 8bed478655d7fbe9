import type { Knex } from "knex";
import type {
	FakeAnswer,
	FakeProviderServer,
	FakeRequest,
} from "../../../core/testing/fake-provider-server.ts";
import { createFakeProviderServer } from "../../../core/testing/fake-provider-server.ts";
import { toWireFormat } from "../../../core/testing/fake-provider-wire.ts";
import { answerTo, toQuestion } from "./questions.ts";

/** A vendor who answers numbered questions with their numbers. */
export type Vendor = {
	readonly baseUrl: string;
	/** Requests for each number ("person.question"): more than one where a node died with the answer. */
	readonly asked: ReadonlyMap<string, number>;
	/** How the next answers are given, by number; the plain one where it says undefined. */
	direct(direction: (number: string, tries: number) => FakeAnswer | undefined): void;
	close(): Promise<void>;
};

export type VendorOptions = {
	/** Milliseconds between the two pieces of an answer. */
	readonly gapMs: () => number;
};

const USAGE = { input: 20, output: 10 };

export async function startVendor({ gapMs }: VendorOptions): Promise<Vendor> {
	const server: FakeProviderServer = await createFakeProviderServer();
	const asked = new Map<string, number>();
	let direction: (number: string, tries: number) => FakeAnswer | undefined = () => undefined;
	server.answerAlways((request) => {
		// It keeps all it was ever asked, which nobody reads here.
		(server.requests as FakeRequest[]).length = 0;
		const messages = request.body["messages"] as readonly { readonly content: string }[];
		const pieces = answerTo(messages.at(-1)?.content ?? "");
		if (pieces === undefined) return { kind: "text", pieces: ["What?"] };
		const number = pieces[0].split(" ")[1] ?? "";
		const tries = (asked.get(number) ?? 0) + 1;
		asked.set(number, tries);
		return direction(number, tries) ?? { kind: "text", pieces, gapMs: gapMs(), usage: USAGE };
	});
	return {
		baseUrl: server.baseUrl("openai"),
		asked,
		direct(next) {
			direction = next;
		},
		close: server.close,
	};
}

/** The plain answer to a number ("person.question"), of which the second piece waits. */
export function toHeldAnswer(number: string, opened: Promise<void>): FakeAnswer {
	const [person = 0, question = 0] = number.split(".").map(Number);
	const [first, second] = answerTo(toQuestion(person, question)) ?? ["", ""];
	return {
		kind: "raw",
		async write(response, request) {
			const wire = toWireFormat(request.url ?? "", USAGE);
			response.writeHead(200, { "content-type": "text/event-stream" });
			response.write(wire.begin() + wire.piece(first));
			await opened;
			if (!response.destroyed) response.end(wire.piece(second) + wire.end(undefined, true));
		},
	};
}

/** The plain answer, which takes so long. */
export function toSlowAnswer(number: string, ms: number): FakeAnswer {
	const [person = 0, question = 0] = number.split(".").map(Number);
	const pieces = answerTo(toQuestion(person, question)) ?? [];
	return { kind: "text", pieces, gapMs: ms / Math.max(1, pieces.length), usage: USAGE };
}

/** Its row, without limits of its own, and a free plan nobody comes to the end of. */
export async function admitVendor(db: Knex, { baseUrl }: Pick<Vendor, "baseUrl">): Promise<void> {
	await db("providers").insert({
		id: "prove",
		dialect: "openai",
		base_url: baseUrl,
		region: "local",
		allow_private_network: true,
		concurrency: 1_000,
		requests_per_minute: 10_000_000,
		tokens_per_minute: 2_000_000_000,
	});
	await db("provider_models").insert({
		provider_id: "prove",
		model: "echo",
		quality: 90,
		price_input_micro: 0,
		price_output_micro: 0,
		context_tokens: 100_000,
		output_tokens_max: 4_096,
	});
	await db("plans").where({ id: "free" }).update({ daily_tokens: 100_000_000 });
}
