import { AppError } from "../errors.ts";
import type { RouteChoice } from "./choose-route.ts";
import { rankRoutes } from "./choose-route.ts";
import type { Gate } from "./limiter/limits.ts";
import type { RelayRequest } from "./model-call.ts";
import type { ModelsDeps } from "./models-deps.ts";
import type { Health, Route, RouteTable } from "./route-table.ts";
import { toProviderGate } from "./to-gates.ts";

/** Where the call may go now, best first. @throws AppError when there is no such place. */
export async function findRoutes(deps: ModelsDeps, request: RelayRequest): Promise<readonly Route[]> {
	const table = await deps.routes.current();
	const gates = findGates(table);
	const health: Health = (providerId) => {
		const state = deps.health.stateOf(providerId);
		const gate = gates.get(providerId);
		return state.kind === "up" && gate !== undefined && deps.limiter.isBusy(gate) ? { kind: "busy" } : state;
	};
	const choice = rankRoutes(
		{
			userId: request.accountId,
			policy: request.policy,
			busyStrategy: request.plan.busyStrategy,
			routeOrder: request.routeOrder,
			inputTokens: request.inputTokens,
			...(request.target !== undefined && { target: request.target }),
			...(request.kind !== undefined && { kind: request.kind }),
			...(request.dialects !== undefined && { dialects: request.dialects }),
		},
		table,
		health,
	);
	return requireRoutes(choice);
}

/** Worked out once for each table that was read. */
const gatesOf = new WeakMap<RouteTable, ReadonlyMap<string, Gate>>();

function findGates(table: RouteTable): ReadonlyMap<string, Gate> {
	const gates =
		gatesOf.get(table) ??
		new Map(table.routes.map(({ provider }) => [provider.providerId, toProviderGate(provider)]));
	gatesOf.set(table, gates);
	return gates;
}

function requireRoutes(choice: RouteChoice): readonly Route[] {
	if (choice.kind === "routes") return choice.routes;
	const { code, message, reason, retryAfterMs } = choice.failure;
	if (reason === "model-unknown") throw new AppError(code, message, { status: 404, details: { reason } });
	if (code === "REQUEST_INVALID") throw new AppError(code, message, { details: { reason: "too-long" } });
	throw new AppError(code, message, {
		details: { ...(retryAfterMs !== undefined && { retryAfterMs }), ...(reason !== undefined && { reason }) },
	});
}
