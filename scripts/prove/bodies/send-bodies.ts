import { Agent } from "undici";
import { ERROR_CODES } from "../../../core/errors.ts";
import { toBytes } from "../edge/desk.ts";
import type { Random } from "./mutate.ts";
import { mutateBytes, mutateValue, pick } from "./mutate.ts";
import type { SampleSurface } from "./sample-bodies.ts";
import { PATHS, SAMPLES } from "./sample-bodies.ts";

/** One body, so that it can be sent again. */
export type Case = {
	readonly number: number;
	readonly path: string;
	readonly key: string;
	readonly body: Buffer;
};

export type Answer = { readonly status: number; readonly text: string };

export type Sender = {
	/** Sends them, some at a time. @returns what was wrong with an answer, with its case */
	send(cases: readonly Case[], findFault: (answer: Answer) => string | undefined): Promise<readonly string[]>;
	readonly statuses: ReadonlyMap<number, number>;
	close(): Promise<void>;
};

/** Weights: what is called most is tried most. */
const SURFACES: readonly SampleSurface[] = [
	...(["openai", "openai", "openai", "anthropic", "anthropic", "anthropic"] as const),
	...(["responses", "responses", "responses", "count", "embeddings"] as const),
];
const BYTE_SHARE = 0.3;
const AT_A_TIME = 12;
const BODY_SHOWN_MAX = 400;

/** Bodies that follow from the seed; models: whom they ask. */
export function createCases(
	random: Random,
	count: number,
	{ keys, models }: { readonly keys: readonly string[]; readonly models: readonly string[] },
): readonly Case[] {
	return Array.from({ length: count }, (_, number) => {
		const surface = pick(SURFACES, random) ?? "openai";
		const head = { model: pick(models, random), ...(random() < 0.5 && { stream: random() < 0.8 }) };
		const sample = { ...head, ...SAMPLES[surface] };
		const body = random() < BYTE_SHARE ? mutateBytes(sample, random) : toBytes(mutateValue(sample, random));
		return { number, path: PATHS[surface], key: pick(keys, random) ?? "", body };
	});
}

export function createSender(port: () => number): Sender {
	const agent = new Agent({ connections: AT_A_TIME, pipelining: 1 });
	const statuses = new Map<number, number>();

	async function post({ path, key, body }: Case): Promise<Answer> {
		try {
			const answer = await agent.request({
				...{ origin: `http://127.0.0.1:${port()}`, path, method: "POST", body },
				headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
				...{ headersTimeout: 30_000, bodyTimeout: 30_000 },
			});
			return { status: answer.statusCode, text: await answer.body.text() };
		} catch (error) {
			return { status: 0, text: String(error) };
		}
	}

	return {
		statuses,
		async send(cases, findFault) {
			const faults: string[] = [];
			const left = [...cases].reverse();
			const work = async (): Promise<void> => {
				for (let one = left.pop(); one !== undefined; one = left.pop()) {
					const answer = await post(one);
					statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
					const fault = findFault(answer);
					if (fault !== undefined) faults.push(describe(one, answer, fault));
				}
			};
			await Promise.all(Array.from({ length: AT_A_TIME }, work));
			return faults;
		},
		close: async () => await agent.destroy(),
	};
}

function describe({ number, path, body }: Case, { status, text }: Answer, fault: string): string {
	const sent = body.toString("utf8").slice(0, BODY_SHOWN_MAX);
	return `#${number} ${path}: ${fault}: ${status} ${text.slice(0, 300)} <- ${sent}`;
}

/** Whatever is wrong with a body is its caller's fault, and told in a form his package reads. */
export function findFault({ status, text }: Answer): string | undefined {
	if (status === 0) return "no answer";
	if (status >= 500) return "a failure of ours";
	return status < 400 ? undefined : findMisshape(text);
}

/** While the vendors are away: 503 is the truth for whoever asked rightly. */
export function findFaultWhenAway(answer: Answer): string | undefined {
	const { status, text } = answer;
	if (status !== 503 || !text.includes('"ROUTER_NO_PROVIDER"')) return findFault(answer);
	return findMisshape(text);
}

const CODES: ReadonlySet<string> = new Set(ERROR_CODES);
const LEAKS = /127\.0\.0\.1| at \w+ \(|\.ts:\d/;

function findMisshape(text: string): string | undefined {
	try {
		const { error } = JSON.parse(text) as { error?: { message?: unknown; type?: unknown; code?: unknown } };
		if (typeof error?.message !== "string" || typeof error.type !== "string") return "an error without words";
		if (typeof error.code !== "string" || !CODES.has(error.code)) return "an error without a code of ours";
		return LEAKS.test(text) ? "tells what is nobody's business" : undefined;
	} catch {
		return "an error that is no JSON";
	}
}
