import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import { pollUntil } from "../../../core/testing/poll-until.ts";
import type { ClientWorld } from "./client-world.ts";
import { toNodePath } from "./install-package.ts";
import { startChild } from "./run-child.ts";
import { READ_FILE } from "./scripted-model.ts";
import type { Turn } from "./turns.ts";
import { findFault } from "./turns.ts";

const START_MS = 180_000;
const TURN_MS = 120_000;
const RUN_MS = 900_000;

/** An agent over each of the two APIs it can use a provider by. */
const AGENTS = { chat: "openai-completions", messages: "anthropic-messages" } as const;

/** `models` as docs/gateway.md tells it, and its own gateway with the endpoint we ask it by. */
export function toOpenClawConfig(options: {
	readonly origin: string;
	readonly port: number;
	readonly token: string;
	readonly workspace: string;
}): object {
	const { origin, port, token, workspace } = options;
	const models = [
		{ id: "auto", name: "Rockpool", input: ["text", "image"], contextWindow: 128_000, maxTokens: 8_192 },
	];
	const apiKey = "$" + "{ROCKPOOL_KEY}";
	return {
		gateway: {
			...{ mode: "local", port, bind: "loopback", auth: { mode: "token", token } },
			http: { endpoints: { chatCompletions: { enabled: true } } },
		},
		models: {
			mode: "merge",
			providers: {
				chat: { baseUrl: `${origin}/v1`, apiKey, api: AGENTS.chat, models },
				messages: { baseUrl: origin, apiKey, api: AGENTS.messages, models },
			},
		},
		agents: {
			defaults: { workspace, model: { primary: "chat/auto" } },
			entries: {
				chat: { workspace, model: { primary: "chat/auto" } },
				messages: { workspace, model: { primary: "messages/auto" } },
			},
		},
	};
}

export type OpenClawRun = { readonly startMs: number | undefined; readonly turns: readonly Turn[] };

/** OpenClaw's own gateway, asked over its HTTP API: both agents, whole and streamed, and a file read by its own tool. */
export async function runOpenClaw(
	installed: string,
	world: ClientWorld,
	{ key, directory, word }: { readonly key: string; readonly directory: string; readonly word: string },
): Promise<OpenClawRun> {
	const [workspace, state] = [join(directory, "workspace"), join(directory, "state")];
	await mkdir(workspace, { recursive: true });
	await mkdir(state, { recursive: true });
	const file = join(workspace, "note.txt");
	await writeFile(file, `${word}\n`);
	const token = randomBytes(16).toString("hex");
	const port = await findFreePort();
	const config = join(directory, "openclaw.json");
	await writeFile(config, JSON.stringify(toOpenClawConfig({ origin: world.origin, port, token, workspace })));
	const child = startChild(
		process.execPath,
		[
			join(installed, "node_modules", "openclaw", "openclaw.mjs"),
			...["gateway", "--bind", "loopback", "--port", String(port)],
		],
		{
			cwd: directory,
			boundMs: RUN_MS,
			env: {
				...{ PATH: toNodePath(), HOME: directory, ROCKPOOL_KEY: key },
				...{ OPENCLAW_CONFIG_PATH: config, OPENCLAW_STATE_DIR: state, OPENCLAW_DISABLE_BONJOUR: "1" },
				...{ OPENCLAW_SKIP_CHANNELS: "1", OPENCLAW_NO_RESPAWN: "1" },
			},
		},
	);
	const origin = `http://127.0.0.1:${port}`;
	try {
		const beginMs = performance.now();
		const isReady = async (): Promise<boolean> => !child.isAlive() || (await isOk(`${origin}/readyz`));
		await pollUntil(isReady, START_MS).catch(() => undefined);
		if (!(await isOk(`${origin}/readyz`))) {
			const fault = `it did not start: ${child.said().slice(-400)}`;
			return { startMs: undefined, turns: [{ name: "the start", ms: 0, prompts: [], fault }] };
		}
		const startMs = Math.round(performance.now() - beginMs);
		return { startMs, turns: await askAgents({ origin, token }, world, { file, word }) };
	} finally {
		await child.stop();
	}
}

type Address = { readonly origin: string; readonly token: string };

async function askAgents(
	address: Address,
	{ model }: ClientWorld,
	{ file, word }: { readonly file: string; readonly word: string },
): Promise<readonly Turn[]> {
	const turns: Turn[] = [];
	for (const agent of Object.keys(AGENTS)) {
		const questions = [
			{ name: "whole", content: "Say hello.", stream: false, word: undefined },
			{ name: "streamed", content: "Say hello again.", stream: true, word: undefined },
			{ name: "a tool", content: `${READ_FILE} ${file}`, stream: true, word },
		];
		for (const { name, content, stream, word: expected } of questions) {
			const before = model.promptBytes.length;
			const startMs = performance.now();
			const said = await ask(address, { agent, content, stream }).catch(String);
			const ms = Math.round(performance.now() - startMs);
			const prompts = model.promptBytes.slice(before);
			turns.push({ name: `${agent} ${name}`, ms, prompts, fault: findFault(said, expected) });
		}
	}
	return turns;
}

async function ask(
	{ origin, token }: Address,
	options: { readonly agent: string; readonly content: string; readonly stream: boolean },
): Promise<string> {
	const { agent, content, stream } = options;
	const response = await fetch(`${origin}/v1/chat/completions`, {
		method: "POST",
		headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
		body: JSON.stringify({
			...{ model: `openclaw/${agent}`, user: `proof:${agent}`, stream },
			messages: [{ role: "user", content }],
		}),
		signal: AbortSignal.timeout(TURN_MS),
	});
	const text = await response.text();
	return response.status === 200 ? readWords(text, stream) : `${response.status} ${text}`;
}

type Chunk = {
	readonly choices?: readonly {
		readonly message?: { readonly content?: string };
		readonly delta?: { readonly content?: string };
	}[];
};

/** The words of a whole answer or of a stream. */
export function readWords(text: string, isStream: boolean): string {
	const events = isStream
		? text.split("\n").flatMap((line) => (line.startsWith("data: {") ? [line.slice("data: ".length)] : []))
		: [text];
	return events
		.flatMap((event) => (JSON.parse(event) as Chunk).choices ?? [])
		.map(({ message, delta }) => message?.content ?? delta?.content ?? "")
		.join("");
}

async function isOk(url: string): Promise<boolean> {
	return await fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
		({ ok }) => ok,
		() => false,
	);
}

async function findFreePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo;
	await new Promise<void>((resolve) => server.close(() => resolve()));
	return port;
}
