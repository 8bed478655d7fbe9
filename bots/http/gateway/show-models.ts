import { AppError } from "../../../core/errors.ts";
import type { GatewayModel } from "../../../core/gateway/gateway.ts";
import type { GatewayRoute } from "./gateway-routes.ts";

/** Names are as old as the gateway: nobody shall read a vendor's date out of them. */
const CREATED_SECONDS = 1_790_000_000;

/**
 * GET /v1/models and /v1/models/:id in the caller's dialect.
 *
 * @throws AppError REQUEST_INVALID 404
 */
export function showModels(route: GatewayRoute, models: readonly GatewayModel[]): object {
	const toShown = route.surface === "anthropic" ? toAnthropic : toOpenAi;
	if (route.action === "show") {
		const model = models.find(({ id }) => id === route.id);
		if (model === undefined) {
			throw new AppError("REQUEST_INVALID", "no such model", {
				status: 404,
				details: { reason: "model-unknown" },
			});
		}
		return toShown(model);
	}
	const data = models.map(toShown);
	if (route.surface !== "anthropic") return { object: "list", data };
	return {
		data,
		has_more: false,
		first_id: models[0]?.id ?? null,
		last_id: models.at(-1)?.id ?? null,
	};
}

function toOpenAi({ id, ownedBy }: GatewayModel): object {
	return { id, object: "model", created: CREATED_SECONDS, owned_by: ownedBy };
}

function toAnthropic({ id }: GatewayModel): object {
	const created = new Date(CREATED_SECONDS * 1_000).toISOString();
	return { type: "model", id, display_name: id, created_at: created };
}
