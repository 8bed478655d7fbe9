# syntax=docker/dockerfile:1
# Packages are installed where npm is; what runs needs only their result, the pinned Node among it.
FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund && npm cache clean --force

FROM debian:bookworm-slim
RUN groupadd --gid 10001 rockpool \
	&& useradd --uid 10001 --gid rockpool --no-create-home --home-dir /app --shell /usr/sbin/nologin rockpool \
	&& install -d -o rockpool -g rockpool -m 0750 /app/.data
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
# what is left out stands in .dockerignore
COPY . .
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080 DATA_DIR=/app/.data PATH=/app/node_modules/.bin:$PATH
USER rockpool
VOLUME /app/.data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
	CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`, { signal: AbortSignal.timeout(4000) }).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "scripts/start.ts"]
