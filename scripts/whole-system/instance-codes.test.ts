import { expect, test } from "@jest/globals";
import { Agent } from "undici";
import type { ErrorCode } from "../../core/errors.ts";
import { AppError } from "../../core/errors.ts";
import { LANGUAGES } from "../../core/texts/say.ts";
import { askOverHttp } from "./testing/ask-over-http.ts";
import { expectErrorBody, expectFailureWords, SUPPORT_URL } from "./testing/expect-failure.ts";
import { startModelsNode } from "./testing/start-models-node.ts";
import { useWorlds } from "./testing/use-worlds.ts";

const worlds = useWorlds();

const CAUSES: readonly [ErrorCode, number, boolean][] = [
	["INSTANCE_NOT_FOUND", 404, false],
	["INSTANCE_PROVISIONING", 409, true],
];

test.each(CAUSES)(
	"%s, thrown by the call as the way over an instance will throw it, is told in a chat and to a program",
	async (code, status, retryable) => {
		const world = await worlds.openTelegram();
		const agent = new Agent();
		const fail = () => Promise.reject(new AppError(code, "thrown by the way over an instance"));
		const models = { call: fail, relay: fail };
		const node = await startModelsNode(
			{ db: world.db, databaseUrl: world.url },
			{ token: world.bot.token, apiRoot: world.telegram.url },
			{ models, supportUrl: SUPPORT_URL },
		);
		try {
			for (const language of LANGUAGES) {
				expectFailureWords(await world.say(world.openChat(language), "hi"), code, language);
				const { key } = await world.addPerson();
				const told = await askOverHttp(agent, node.port, key, { message: "hi", language });
				expectErrorBody(told, code, { status, retryable }, language);
			}
			expect(await world.db("usage_log")).toEqual([]);
		} finally {
			await node.stop();
			await agent.destroy();
		}
	},
);
