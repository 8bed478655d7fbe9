import type { Knex } from "knex";
import { createIngress } from "../../../bots/http/create-ingress.ts";
import { createHttpChannel } from "../../../bots/http/http-channel.ts";
import { createTelegram } from "../../../bots/telegram/start-telegram.ts";
import { createCatalog } from "../../../core/agents/cached-catalog.ts";
import { COMMAND_MENU } from "../../../core/commands/all-commands.ts";
import { parseConfig } from "../../../core/config.ts";
import { createCore } from "../../../core/create-core.ts";
import { toStorableJson } from "../../../core/inbox/storable-json.ts";
import { NO_INSTANCES } from "../../../core/instances/testing/no-instances.ts";
import { createLedger } from "../../../core/ledger/create-ledger.ts";
import { createScrubber } from "../../../core/log/scrubber.ts";
import { createLog } from "../../../core/log.ts";
import type { Models } from "../../../core/models/model-call.ts";
import { PEPPER } from "../../../core/testing/people.ts";

export type ModelsNode = { readonly port: number; stop(): Promise<void> };

/** A node with its real channels, pipeline and database, and a way to the models that the test brings along. */
export async function startModelsNode(
	{ db, databaseUrl }: { readonly db: Knex; readonly databaseUrl: string },
	telegramEnv: { readonly token: string; readonly apiRoot: string },
	options: { readonly models: Models; readonly supportUrl: string },
): Promise<ModelsNode> {
	const config = parseConfig({});
	const log = createLog({ level: "silent", scrubber: createScrubber([]) });
	const { token, apiRoot } = telegramEnv;
	const telegram = createTelegram({
		tokens: [token],
		apiRoot,
		mode: { kind: "polling" },
		commands: COMMAND_MENU,
		toStorableJson,
		log,
	});
	const channels = [telegram.channel, createHttpChannel()];
	const core = await createCore({
		...config,
		db,
		databaseUrl,
		bots: channels.map((channel) => ({ botId: "*", channel })),
		usernameOf: (_, botId) => telegram.usernameOf(botId),
		ledger: createLedger({ db }),
		models: options.models,
		loadCatalog: createCatalog(db),
		instances: { desk: NO_INSTANCES, talk: undefined },
		log,
		settings: { ...config, pepper: PEPPER, supportUrl: options.supportUrl, isStaff: () => false },
		concurrency: 10,
		retentionDays: config.inboxRetentionDays,
	});
	core.start();
	const updates = telegram.start(core);
	const ingress = createIngress({ core, log, host: "127.0.0.1", port: 0, supportUrl: options.supportUrl });
	const { port } = await ingress.listen();
	return {
		port,
		async stop() {
			await Promise.all([updates.stop(), ingress.stop(), core.stop()]);
			await telegram.close();
		},
	};
}
