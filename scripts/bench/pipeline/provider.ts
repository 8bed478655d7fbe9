import type { FakeProviderServer, FakeRequest } from "../../../core/testing/fake-provider-server.ts";
import { createFakeProviderServer } from "../../../core/testing/fake-provider-server.ts";
import { answerTo } from "./questions.ts";
import { serve } from "./serve.ts";

/** What a vendor would report for so short an answer: small enough that nobody's day runs out of tokens. */
const USAGE = { input: 20, output: 10 };

let server: FakeProviderServer | undefined;

/** A vendor that answers at once. */
async function start(): Promise<{ baseUrl: string }> {
	const started = await createFakeProviderServer();
	server = started;
	started.answerAlways((request) => {
		// It keeps all it was ever asked, which nobody reads here.
		(started.requests as FakeRequest[]).length = 0;
		const messages = request.body["messages"] as readonly { readonly content: string }[];
		return { kind: "text", pieces: [answerTo(messages.at(-1)?.content ?? "")], usage: USAGE };
	});
	return { baseUrl: started.baseUrl("openai") };
}

serve({ start }, async () => await server?.close());
