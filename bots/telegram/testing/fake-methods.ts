import { badRequest, conflict } from "./fake-error.ts";
import type { FakeCall } from "./fake-messages.ts";
import {
	answerCallbackQuery,
	deleteMessage,
	editMessageText,
	sendChatAction,
	sendDocument,
	sendMessage,
	sendMessageDraft,
} from "./fake-messages.ts";
import type { FakeUpdateQueue } from "./fake-updates.ts";
import type { FakeWebhook } from "./fake-webhook.ts";

/** A call with all it may touch. `signal` aborts when the caller hangs up. */
export type FakeMethodCall = FakeCall & {
	readonly updates: FakeUpdateQueue;
	readonly webhook: FakeWebhook;
	readonly signal: AbortSignal;
};

type FakeMethod = (call: FakeMethodCall) => unknown;

const LONG_POLL_SECONDS_MAX = 50;

/** Every method this server knows; another name is answered with 404. */
export const FAKE_METHODS: ReadonlyMap<string, FakeMethod> = new Map<string, FakeMethod>([
	["getMe", getMe],
	["getUpdates", getUpdates],
	["setWebhook", setWebhook],
	["deleteWebhook", deleteWebhook],
	["getWebhookInfo", ({ webhook }) => webhook.info()],
	["sendMessage", sendMessage],
	["sendDocument", sendDocument],
	["editMessageText", editMessageText],
	["deleteMessage", deleteMessage],
	["sendMessageDraft", sendMessageDraft],
	["sendChatAction", sendChatAction],
	["answerCallbackQuery", answerCallbackQuery],
	["setMyCommands", setMyCommands],
	["getMyCommands", ({ bot, params }) => bot.commands.get(commandsKey(params)) ?? []],
	["deleteMyCommands", ({ bot, params }) => bot.commands.delete(commandsKey(params)) || true],
	["setMyDescription", setProfile("setMyDescription", "description", 512)],
	["setMyShortDescription", setProfile("setMyShortDescription", "short_description", 120)],
	["getMyDescription", getProfile("setMyDescription", "description")],
	["getMyShortDescription", getProfile("setMyShortDescription", "short_description")],
	["getFile", getFile],
]);

function getMe({ bot }: FakeMethodCall): unknown {
	return {
		...bot.me,
		can_join_groups: true,
		can_read_all_group_messages: bot.canReadAllGroupMessages,
		supports_inline_queries: false,
	};
}

async function getUpdates({ params, updates, webhook, signal }: FakeMethodCall): Promise<unknown> {
	if (webhook.isSet()) {
		throw conflict(
			"can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
		);
	}
	const offset = params.integer("offset");
	const timeoutSeconds = Math.min(Math.max(params.integer("timeout") ?? 0, 0), LONG_POLL_SECONDS_MAX);
	const allowed = params.has("allowed_updates") ? readKinds(params.json("allowed_updates")) : undefined;
	const found = await updates.get({
		...(offset === undefined ? {} : { offset }),
		limit: Math.min(Math.max(params.integer("limit") ?? 100, 1), 100),
		timeoutMs: timeoutSeconds * 1000,
		...(allowed === undefined ? {} : { allowed }),
		signal,
	});
	return found.map((update) => update.body);
}

function setWebhook({ params, webhook }: FakeMethodCall): unknown {
	webhook.set(params);
	return true;
}

function deleteWebhook({ params, webhook }: FakeMethodCall): unknown {
	webhook.remove(params.flag("drop_pending_updates"));
	return true;
}

function readKinds(value: unknown): readonly string[] {
	if (Array.isArray(value) && value.every((kind) => typeof kind === "string")) return value;
	throw badRequest("can't parse allowed_updates");
}

function commandsKey(params: FakeCall["params"]): string {
	const scope = params.json("scope");
	const type =
		typeof scope === "object" && scope !== null && "type" in scope ? String(scope.type) : "default";
	return `${type}/${params.text("language_code")}`;
}

function setMyCommands({ bot, params }: FakeMethodCall): unknown {
	const commands = params.json("commands");
	if (!Array.isArray(commands)) throw badRequest("can't parse commands");
	if (commands.length > 100) throw badRequest("BOT_COMMANDS_TOO_MUCH");
	const checked = commands.map((raw: unknown) => {
		const { command, description } = raw as Readonly<Record<string, unknown>>;
		if (typeof command !== "string" || !/^\/?[a-z0-9_]{1,32}$/.test(command)) {
			throw badRequest("BOT_COMMAND_INVALID");
		}
		if (typeof description !== "string" || description.length < 1 || description.length > 256) {
			throw badRequest("BOT_COMMAND_DESCRIPTION_INVALID");
		}
		return { command: command.replace("/", ""), description };
	});
	bot.commands.set(commandsKey(params), checked);
	return true;
}

function setProfile(method: string, name: string, lengthMax: number): FakeMethod {
	return ({ bot, params }) => {
		const text = params.text(name);
		if (text.length > lengthMax) throw badRequest(`${name} is too long`);
		bot.profile.set(`${method}/${params.text("language_code")}`, text);
		return true;
	};
}

/** Falls back to the text for all languages, as the real one does. */
function getProfile(setter: string, name: string): FakeMethod {
	return ({ bot, params }) => {
		const own = bot.profile.get(`${setter}/${params.text("language_code")}`);
		return { [name]: own ?? bot.profile.get(`${setter}/`) ?? "" };
	};
}

function getFile({ bot, params }: FakeMethodCall): unknown {
	const fileId = params.text("file_id");
	const content = bot.files.get(fileId);
	if (content === undefined) throw badRequest("invalid file_id");
	if (content.length > 20 * 1024 * 1024) throw badRequest("file is too big");
	return { file_id: fileId, file_unique_id: fileId, file_size: content.length, file_path: `files/${fileId}` };
}
