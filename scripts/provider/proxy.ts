import type { CloudruPreset } from "../../core/providers/presets.ts";
import { CLOUDRU_PRESETS, readPreset } from "../../core/providers/presets.ts";

/** The external proxy as a provider. Its key is no secret: it only tells the proxy's clients from strangers. */
export const PROXY = {
	id: "proxy",
	dialect: "anthropic",
	baseUrl: "http://127.0.0.1:8082",
	clientKey: "not-a-real-key-proxy-only",
	region: readPreset("cloudru").region,
	/** The proxy only looks for opus, sonnet and haiku in the name. */
	models: ["claude-opus-4-1", "claude-sonnet-4-5", "claude-haiku-4-5"],
	/** What each model behind it can do: a program's tools alone may be more than 32,000 tokens. */
	sizes: { contextTokens: 200_000, outputTokensMax: 16_384 },
} as const;

/**
 * The hardened compose file of the external proxy (source: contract, "Cloud.ru Foundation Models"; variables of the image:
 * fuergaosi233/claude-code-proxy, src/core/config.py, read 2026-11-20). No key is in it: docker compose takes that from .env.
 */
export function toProxyCompose(preset: CloudruPreset): string {
	const { opus, sonnet, haiku } = CLOUDRU_PRESETS[preset];
	return `# An Anthropic-speaking proxy in front of Cloud.ru Foundation Models, for this machine alone.
#   docker compose -f FILE up -d         CLOUDRU_API_KEY comes from .env beside this file
#   npm run provider -- add --preset proxy
name: rockpool-proxy

services:
  claude-code-proxy:
    image: legard/claude-code-proxy:v1.0.0
    restart: unless-stopped
    user: "1000:1000"
    read_only: true
    tmpfs:
      - /tmp:size=16m,mode=1777,noexec,nosuid,nodev
    cap_drop:
      - ALL
    security_opt:
      - no-new-privileges:true
    mem_limit: 512m
    memswap_limit: 512m
    cpus: 1
    pids_limit: 128
    ports:
      - "127.0.0.1:8082:8082"
    environment:
      HOST: 0.0.0.0
      PORT: "8082"
      OPENAI_BASE_URL: ${readPreset("cloudru").baseUrl}
      OPENAI_API_KEY: \${CLOUDRU_API_KEY:?set CLOUDRU_API_KEY in .env}
      # what its clients must say; no real key
      ANTHROPIC_API_KEY: ${PROXY.clientKey}
      BIG_MODEL: ${opus}
      MIDDLE_MODEL: ${sonnet}
      SMALL_MODEL: ${haiku}
      PYTHONDONTWRITEBYTECODE: "1"
    healthcheck:
      test: ["CMD", "python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8082/health', timeout=4)"]
      interval: 10s
      timeout: 5s
      retries: 3
    logging:
      driver: json-file
      options:
        max-size: 10m
        max-file: "3"
`;
}
