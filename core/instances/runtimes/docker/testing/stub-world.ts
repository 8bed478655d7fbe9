import { eventually } from "../../../../testing/eventually.ts";
import type { CellAddress, Runtime } from "../../../runtime.ts";

/** What can be asked of a stub in a cell of this runtime. */
export type StubHands = {
	/** Undefined: it says no, or nothing. */
	ask(cell: string, question: string, body?: string): Promise<string | undefined>;
	/** Resolves once it answers. */
	up(cell: string): Promise<void>;
	/** Runs a script in its container, as the agent. */
	shell(cell: string, script: string): Promise<string>;
};

const ASK_MS_MAX = 15_000;

export function toStubHands(runtime: Runtime): StubHands {
	const hands: StubHands = {
		async ask(cell, question, body) {
			const address = await runtime.address(cell);
			return address === undefined ? undefined : await askStub(address, question, body);
		},
		async up(cell) {
			await eventually(async () => (await hands.ask(cell, "healthz")) !== undefined, 20_000);
		},
		async shell(cell, script) {
			const said = await hands.ask(cell, "cgi-bin/shell", script);
			if (said === undefined) throw new Error(`${cell} does not answer`);
			return said;
		},
	};
	return hands;
}

async function askStub(
	{ host, port }: CellAddress,
	path: string,
	body: string | undefined,
): Promise<string | undefined> {
	try {
		const init = body === undefined ? {} : { method: "POST", body };
		const signal = AbortSignal.timeout(ASK_MS_MAX);
		const answer = await fetch(`http://${host}:${port}/${path}`, {
			...init,
			signal,
			headers: { connection: "close" },
		});
		return answer.ok ? await answer.text() : undefined;
	} catch {
		return undefined;
	}
}
