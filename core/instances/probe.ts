import { get } from "node:http";
import type { AgentAdapter } from "./adapters/adapter.ts";
import type { Health } from "./cell.ts";
import type { CellAddress } from "./runtime.ts";

const PROBE_MS_MAX = 3_000;
/** An agent may answer anything: more of it is not read. */
const PROBE_BYTES_MAX = 64 * 1024;
const WHY_LENGTH_MAX = 200;

type Answer = { readonly status: number; readonly text: string };

/** Asks a cell how it is. Never throws; what does not answer within three seconds is not live. */
export async function probeCell(address: CellAddress, probes: AgentAdapter["probes"]): Promise<Health> {
	const [live, started, ready] = await Promise.all(
		[probes.live, probes.started, probes.ready].map(async (path) => await ask(address, path)),
	);
	const isLive = live?.status === 200;
	const isStarted = isLive && started?.status === 200;
	const isReady = isStarted && ready?.status === 200;
	if (isReady) return { isLive, isStarted, isReady };
	const why = toWhy(isStarted ? ready : isLive ? started : live);
	return { isLive, isStarted, isReady, why };
}

function toWhy(answer: Answer | undefined): string {
	if (answer === undefined) return "it does not answer";
	const said = answer.text.replace(/\s+/g, " ").trim().slice(0, WHY_LENGTH_MAX);
	return said === "" ? `it answers ${answer.status}` : `it answers ${answer.status}: ${said}`;
}

/** Undefined: no answer, or none in time. */
async function ask({ host, port }: CellAddress, path: string): Promise<Answer | undefined> {
	return await new Promise((resolve) => {
		const request = get({ host, port, path, agent: false, headers: { connection: "close" } });
		const timer = setTimeout(() => finish(undefined), PROBE_MS_MAX);
		function finish(answer: Answer | undefined): void {
			clearTimeout(timer);
			request.destroy();
			resolve(answer);
		}
		request.on("error", () => finish(undefined));
		request.on("response", (response) => {
			const status = response.statusCode ?? 0;
			let text = "";
			response.setEncoding("utf8");
			response.on("data", (piece: string) => {
				text += piece;
				if (text.length >= PROBE_BYTES_MAX) finish({ status, text });
			});
			response.on("end", () => finish({ status, text }));
			response.on("error", () => finish(undefined));
		});
	});
}
