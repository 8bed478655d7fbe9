import type { Ingress } from "../../../bots/http/create-ingress.ts";
import { createIngress } from "../../../bots/http/create-ingress.ts";
import { createWebhookHandler } from "../../../bots/telegram/ingress/webhook-handler.ts";
import type { Core } from "../../../core/core.ts";
import { createDb } from "../../../core/db/connect.ts";
import { createInbox } from "../../../core/inbox/accept.ts";
import { toStorableJson } from "../../../core/inbox/storable-json.ts";
import { NO_INSTANCES } from "../../../core/instances/testing/no-instances.ts";
import { serve } from "./serve.ts";

type StartRequest = {
	readonly databaseUrl: string;
	readonly botId: string;
	readonly path: string;
	readonly secret: string;
};

/** As many as the inbox has ways, and one to spare. */
const POOL_MAX = 4;

let ingress: Ingress | undefined;
let db: ReturnType<typeof createDb> | undefined;

/** Our ingress with a real database behind it, and nobody who works on what is stored: acceptance alone. */
async function start({ databaseUrl, botId, path, secret }: StartRequest): Promise<{ port: number }> {
	db = createDb(databaseUrl, { poolMax: POOL_MAX });
	const { accept } = createInbox({ db, log });
	const handler = createWebhookHandler({
		core: { accept },
		bots: [{ botId, paths: [path], secrets: [secret] }],
		toStorableJson,
		log,
	});
	ingress = createIngress({
		core: { ...closedCore, accept },
		log,
		host: "127.0.0.1",
		port: 0,
		handlers: [handler],
	});
	return await ingress.listen();
}

/** Trouble spoils the figures, so it is shown; nothing is logged for a message that goes well. */
const show = (facts: object, message: string): void => console.error(message, facts);
const log = { debug: () => undefined, info: () => undefined, warn: show, error: show };

/** Only the webhook is used here. */
const closedCore: Omit<Core, "accept"> = {
	waitForResult: async () => undefined,
	watchText: () => () => undefined,
	requestStop: async () => undefined,
	authenticateKey: async () => {
		throw new Error("no keys here");
	},
	readUsage: async () => {
		throw new Error("no accounts here");
	},
	instances: NO_INSTANCES,
	isReady: async () => true,
};

serve({ start }, async () => {
	await ingress?.stop();
	await db?.destroy();
});
