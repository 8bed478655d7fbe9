import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Bot, webhookCallback } from "grammy";
import type { Middleware } from "koa";
import Koa from "koa";
import { serve } from "./serve.ts";

/**
 * What we are measured against: a bare grammY bot behind Koa that answers from memory. Its answer is the webhook's own
 * response, so that no call of its own goes out: the cheapest answer grammY can give.
 */
async function start({
	path,
	secret,
}: {
	readonly path: string;
	readonly secret: string;
}): Promise<{ port: number }> {
	const bot = new Bot("7000000001:baseline", {
		botInfo: {
			id: 7_000_000_001,
			is_bot: true,
			first_name: "Baseline",
			username: "baseline_bot",
			can_join_groups: true,
			can_read_all_group_messages: false,
			supports_inline_queries: false,
			can_connect_to_business: false,
			has_main_web_app: false,
			has_topics_enabled: false,
			allows_users_to_create_topics: false,
			can_manage_bots: false,
			supports_join_request_queries: false,
		},
		client: { canUseWebhookReply: (method) => method === "sendMessage" },
	});
	bot.on("message", async (ctx) => {
		await ctx.reply("Anchor & Rye, Harbour Crumb, The Tidal Loaf.");
	});
	const app = new Koa();
	const take = webhookCallback(bot, "koa", { secretToken: secret });
	app.use(parseJsonBody());
	app.use(async function hook(ctx, next) {
		if (ctx.method === "POST" && ctx.path === path) await take(ctx as Parameters<typeof take>[0]);
		else await next();
	});
	const server = createServer(app.callback());
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	return { port: (server.address() as AddressInfo).port };
}

/** Does what the usual body parser does to a small JSON body, and nothing else, so it is no slower than that. */
function parseJsonBody(): Middleware {
	return async function parseJsonBodyMiddleware(ctx, next) {
		const body = await new Promise<string>((resolve, reject) => {
			let text = "";
			ctx.req.setEncoding("utf8");
			ctx.req.on("data", (piece: string) => {
				text += piece;
			});
			ctx.req.on("end", () => resolve(text));
			ctx.req.on("error", reject);
		});
		Object.assign(ctx.request, { body: JSON.parse(body) });
		await next();
	};
}

serve({ start });
