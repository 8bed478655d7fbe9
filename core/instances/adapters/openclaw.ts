import { z } from "zod";
import { AppError } from "../../errors.ts";
import type { CellFile } from "../runtime.ts";
import type { AgentAdapter, AgentProfile, InstanceTerms } from "./adapter.ts";

/** Characters of one file of a workspace that are read. Source: OpenClaw docs, "Agent workspace", read 2026-11-20. */
const TEXT_LENGTH_MAX = 20_000;
const AGENTS_MAX = 16;
const SKILLS_MAX = 64;
const SKILL_LENGTH_MAX = 65_536;
/** What the gateway has room for behind any of its models. */
const CONTEXT_TOKENS = 128_000;
const ANSWER_TOKENS_MAX = 8_192;

const textSchema = z.string().max(TEXT_LENGTH_MAX);
const nameSchema = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/);
const agentSchema = z.object({
	id: nameSchema,
	name: z.string().min(1).max(100),
	soul: textSchema,
	instructions: textSchema,
	skills: z.array(nameSchema).max(SKILLS_MAX),
});
const termsSchema = z.object({
	gatewayUrl: z.url({ protocol: /^https?$/ }),
	agents: z.array(agentSchema).min(1).max(AGENTS_MAX),
	skillFiles: z
		.array(z.object({ id: nameSchema, content: z.string().max(SKILL_LENGTH_MAX) }))
		.max(SKILLS_MAX),
	heartbeatMinutes: z.number().int().min(5).max(1_440).optional(),
});

const CONFIG = "config/openclaw.json";
/** Its words for it. */
const BINDS = { loopback: "loopback", network: "lan" } as const;

/**
 * OpenClaw 2026.9: one gateway, our own gateway as its only provider, no channels. Secrets come to it in its
 * environment and stand in no file. Source: OpenClaw docs, "Configuration" and "Embedding the gateway", read 2026-11-20.
 */
export const openclaw: AgentAdapter = {
	kind: "openclaw",
	probes: { live: "/healthz", started: "/startupz", ready: "/readyz" },
	describe: ({ modelKey, token, zone, reach }) => ({
		environment: {
			OPENCLAW_CONFIG_PATH: `{home}/${CONFIG}`,
			OPENCLAW_STATE_DIR: "{home}/state",
			OPENCLAW_GATEWAY_TOKEN: token,
			ROCKPOOL_KEY: modelKey,
			OPENCLAW_DISABLE_BONJOUR: "1",
			OPENCLAW_SKIP_CHANNELS: "1",
			// What it would start again by itself is ours to start.
			OPENCLAW_NO_RESPAWN: "1",
			// Else its locks lie where everybody's do, and stay there.
			TMPDIR: "{home}/tmp",
			TZ: zone,
		},
		args: ["gateway", "--bind", BINDS[reach], "--port", "{port}"],
		mendArgs: ["doctor", "--fix", "--yes", "--non-interactive"],
	}),
	files(terms) {
		const parsed = termsSchema.safeParse(terms);
		if (!parsed.success) {
			const field = parsed.error.issues[0]?.path.join(".") ?? "";
			throw new AppError("REQUEST_INVALID", `an instance cannot be like that: ${field}`, {
				details: { reason: "field-invalid", field },
			});
		}
		const config: CellFile = {
			path: CONFIG,
			content: `${JSON.stringify(toConfig(terms), undefined, "\t")}\n`,
		};
		const scratch: CellFile = { path: "tmp/readme", content: "Nothing here is kept.\n" };
		// Below the state's directory all of its agents find them; which of them may use one is said in the configuration.
		const skills = terms.skillFiles.map(({ id, content }) => ({
			path: `state/skills/${id}/SKILL.md`,
			content,
		}));
		return [config, scratch, ...skills, ...terms.agents.flatMap(toWorkspace)];
	},
};

function toConfig({ gatewayUrl, agents, zone, heartbeatMinutes, reach }: InstanceTerms): object {
	return {
		gateway: {
			mode: "local",
			bind: BINDS[reach],
			auth: { mode: "token" },
			http: { endpoints: { chatCompletions: { enabled: true } } },
		},
		logging: { file: "~/state/openclaw.log" },
		// Sums memories up every night, which somebody pays for: what nobody asked for is off where unasked work is.
		plugins: {
			entries: { "memory-core": { config: { dreaming: { enabled: heartbeatMinutes !== undefined } } } },
		},
		models: { mode: "replace", providers: { rockpool: toProvider(gatewayUrl) } },
		agents: {
			defaults: {
				model: { primary: "rockpool/auto" },
				userTimezone: zone,
				heartbeat: { every: heartbeatMinutes === undefined ? "0m" : `${heartbeatMinutes}m` },
			},
			entries: Object.fromEntries(agents.map((agent) => [agent.id, toEntry(agent)])),
		},
	};
}

/** Its key stands for itself only: the program fills it in from its environment. */
function toProvider(baseUrl: string): object {
	// biome-ignore lint/suspicious/noTemplateCurlyInString: OpenClaw fills it in
	const apiKey = "${ROCKPOOL_KEY}";
	const size = { contextWindow: CONTEXT_TOKENS, maxTokens: ANSWER_TOKENS_MAX };
	return {
		...{ baseUrl, apiKey, api: "openai-completions", request: { allowPrivateNetwork: true } },
		models: [{ id: "auto", name: "Rockpool", input: ["text", "image"], ...size }],
	};
}

function toEntry({ id, name, skills }: AgentProfile): object {
	return { name, workspace: `~/workspaces/${id}`, skills: [...skills] };
}

function toWorkspace({ id, soul, instructions }: AgentProfile): readonly CellFile[] {
	return [
		{ path: `workspaces/${id}/SOUL.md`, content: soul },
		{ path: `workspaces/${id}/AGENTS.md`, content: instructions },
	];
}
