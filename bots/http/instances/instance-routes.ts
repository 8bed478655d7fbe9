import type { Router } from "@koa/router";
import { parseJsonBody, requireJsonType } from "../body/parse-json-body.ts";
import { readBody } from "../body/read-body.ts";
import { authenticate } from "../chat/authenticate.ts";
import { callCore } from "../chat/call-core.ts";
import { createKeyRate } from "../chat/key-rate.ts";
import { toErrorContext } from "../middleware/on-error.ts";
import type { RequestState } from "../middleware/request-id.ts";
import type {
	InstanceCaller,
	InstanceContext,
	InstanceLimits,
	InstanceRoutesOptions,
} from "./instance-options.ts";
import { parseCreate, parseEventsPage, parseSeries, parseTail } from "./instance-request.ts";
import { addInstanceStreams } from "./instance-streams.ts";
import type { Instance, InstanceChange } from "./instance-types.ts";
import { toEventBody, toInstanceBody, toPointBody, toUseBody } from "./to-instance-body.ts";

const ONE = "/v1/instances/:id";
const CHANGES = ["start", "stop", "restart", "kill"] as const satisfies readonly InstanceChange[];

/** /v1/instances: an account's own agents, made, looked at, changed and ended by programs. */
export function addInstanceRoutes(router: Router<RequestState>, options: InstanceRoutesOptions): void {
	const { core, limits, nowMs } = options;
	const { instances } = core;
	const takeRate = createKeyRate(limits.requestsPerMinute, nowMs);
	const ask = async <Result>(call: () => Promise<Result>): Promise<Result> =>
		await callCore(call, limits.storeTimeoutMs);

	async function enter(ctx: InstanceContext): Promise<InstanceCaller> {
		const { accountId, keyId, key } = await authenticate(core, ctx.req, limits.storeTimeoutMs);
		takeRate(keyId);
		return { key, ref: { accountId, instanceId: String(ctx.params["id"] ?? "") } };
	}

	function answer(ctx: InstanceContext, status: number, instance: Instance): void {
		ctx.status = status;
		ctx.body = toBody(ctx, instance);
	}

	function toBody(ctx: InstanceContext, instance: Instance): object {
		const { language } = toErrorContext(ctx, ctx.state.requestId, options.supportUrl);
		return toInstanceBody(instance, language);
	}

	router.post("/v1/instances", async (ctx) => {
		const { accountId } = (await enter(ctx)).ref;
		const request = parseCreate(await readOptionalJson(ctx, limits));
		const { instance, isNew } = await ask(() => instances.create({ accountId, ...request }));
		ctx.set("Location", `/v1/instances/${instance.id}`);
		answer(ctx, isNew ? 202 : 200, instance);
	});
	router.get("/v1/instances", async (ctx) => {
		const { accountId } = (await enter(ctx)).ref;
		const all = await ask(() => instances.list(accountId));
		ctx.body = { instances: all.map((instance) => toBody(ctx, instance)) };
	});
	router.get(ONE, async (ctx) => {
		const { ref } = await enter(ctx);
		answer(ctx, 200, await ask(() => instances.find(ref)));
	});
	router.delete(ONE, async (ctx) => {
		const { ref } = await enter(ctx);
		answer(ctx, 202, await ask(() => instances.change(ref, "delete")));
	});
	for (const change of CHANGES) {
		router.post(`${ONE}/${change}`, async (ctx) => {
			const { ref } = await enter(ctx);
			answer(ctx, 202, await ask(() => instances.change(ref, change)));
		});
	}
	router.put(`${ONE}/keys`, async (ctx) => {
		const { ref } = await enter(ctx);
		answer(ctx, 202, await ask(() => instances.renewKeys(ref)));
	});
	router.get(`${ONE}/logs`, async (ctx) => {
		const { ref } = await enter(ctx);
		const tail = parseTail(ctx.query);
		ctx.body = { lines: await ask(() => instances.logs(ref, tail)) };
	});
	router.get(`${ONE}/metrics`, async (ctx) => {
		const { ref } = await enter(ctx);
		const wish = parseSeries(ctx.query);
		const [use, points] = await ask(() => Promise.all([instances.use(ref), instances.series(ref, wish)]));
		ctx.body = { ...toUseBody(use, new Date()), step: wish.step, points: points.map(toPointBody) };
	});
	router.get(`${ONE}/events`, async (ctx) => {
		const { ref } = await enter(ctx);
		const page = parseEventsPage(ctx.query);
		const events = await ask(() => instances.events(ref, page));
		const isMore = events.length === page.limit;
		ctx.body = { events: events.map(toEventBody), next: isMore ? (events.at(-1)?.id ?? null) : null };
	});
	addInstanceStreams(router, { ...options, enter, ask });
}

/** A body that is left out asks for nothing in particular. */
async function readOptionalJson(ctx: InstanceContext, limits: InstanceLimits): Promise<unknown> {
	const { headers } = ctx.req;
	const hasBody = headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0";
	if (!hasBody) return {};
	requireJsonType(ctx.req);
	const { bodyBytesMax: bytesMax, bodyTimeoutMs: timeoutMs } = limits;
	return parseJsonBody(await readBody(ctx.req, { bytesMax, timeoutMs })).value;
}
