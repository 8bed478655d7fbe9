import { pollUntil } from "../../../core/testing/poll-until.ts";
import type { Person } from "../../end-to-end/person.ts";
import { toPerson } from "../../end-to-end/person.ts";
import { STAFF_ID } from "./account-rows.ts";
import type { Canary, PlaceKind } from "./canaries.ts";
import type { Desk } from "./desk.ts";
import { toUpdate } from "./samples.ts";
import type { SecretEnv, VendorId } from "./secret-env.ts";
import { VENDOR_IDS } from "./secret-env.ts";
import { answerVendor, askVendor, toTellTales } from "./secret-vendors.ts";

const SHOWN: readonly PlaceKind[] = ["texts"];

/** What people do with keys and codes; answers the secrets that were made on the way. */
export async function usePeople(desk: Desk): Promise<readonly Canary[]> {
	const { bot } = desk.world;
	const [ann, bob, cat] = [await desk.person(), await desk.person(), await desk.person()];
	const key = await takeKey(ann);
	await desk.chat(key, { message: "hello" });
	await desk.chat(key, { message: "hello", stream: true });
	const second = await takeKey(ann);
	await ann.ask(`/key revoke ${second.split("_")[1]}`);
	await desk.chat(second, { message: "hello" });
	await ann.ask("/last");
	await ann.ask("/export");
	const link = await takeLink(ann);
	// Joined at a tap, since this chat has nothing to lose.
	const fresh = toPerson(desk.world, bot.privateChat({ id: 8_000_001, language_code: "en" }));
	await fresh.ask(`/start ${link.deep}`);
	const other = await takeLink(ann);
	await bob.ask("I have words of my own");
	await bob.ask(`/bind ${other.typed}`);
	await pressIfOffered(bob, "Join that account");
	const asked = await takeLink(ann);
	const dan = await desk.person();
	await dan.ask("I have words of my own too");
	// Asked, and never answered.
	await dan.ask(`/bind ${asked.typed}`);
	const unused = await takeLink(ann);
	const bare = await takeLink(ann);
	await cat.ask(bare.typed);
	const staff = toPerson(desk.world, bot.privateChat({ id: STAFF_ID, language_code: "en" }));
	const sold = findCode(await staff.ask("/issue pro_40"));
	await cat.ask(`/bind ${sold}`);
	await cat.ask(`/bind ${sold}`);
	const exposed = findCode(await staff.ask("/issue starter_20"));
	const group = toPerson(desk.world, bot.group({ id: -8_000_001 }));
	const from = { id: cat.chat.id, is_bot: false, first_name: "Cat" };
	await group.answered(group.send(`/bind@${bot.username} ${exposed}`, { from }));
	const toSecret = (code: string): string => code.replaceAll("-", "");
	return [
		{ name: "API key", secret: toKeySecret(key), allowedIn: SHOWN },
		{ name: "revoked API key", secret: toKeySecret(second), allowedIn: SHOWN },
		{ name: "deep link code, used", secret: link.deep, allowedIn: SHOWN },
		{ name: "link code beside it", secret: toSecret(link.typed), allowedIn: SHOWN },
		{ name: "link code, typed", secret: toSecret(other.typed), allowedIn: SHOWN },
		{ name: "link code, typed, as printed", secret: other.typed, allowedIn: SHOWN },
		{ name: "link code, of a question that is open", secret: asked.typed, allowedIn: SHOWN },
		{ name: "link code, unused", secret: unused.typed, allowedIn: SHOWN },
		{ name: "deep link code, unused", secret: unused.deep, allowedIn: SHOWN },
		{ name: "link code, sent bare", secret: bare.typed, allowedIn: SHOWN },
		{ name: "plan code, used", secret: sold, allowedIn: SHOWN },
		{ name: "plan code, shown in a group", secret: exposed, allowedIn: SHOWN },
	];
}

/** Every vendor is asked once. @returns those that were not */
export async function useVendors(desk: Desk): Promise<string[]> {
	const { requests } = desk.world.vendor;
	const unasked: string[] = [];
	for (const id of VENDOR_IDS) {
		const before = requests.length;
		await askVendor(desk, id, `hello ${id}`);
		const paths = requests.slice(before).map(({ path }) => path);
		if (!paths.some((path) => path.startsWith(`/vendor-${id}/`))) unasked.push(id);
	}
	return unasked;
}

/** These vendors tell our key in every way. The node leaves them alone afterwards, until it boots anew. */
export async function letVendorsTell(
	desk: Desk,
	{ vendorKeys }: SecretEnv,
	ids: readonly VendorId[],
): Promise<void> {
	const { vendor } = desk.world;
	for (const id of ids) {
		const tales = toTellTales(vendorKeys[id]);
		answerVendor(vendor, id, tales);
		for (const _ of tales) await askVendor(desk, id, "hello again");
	}
	answerVendor(vendor, "custom", []);
}

/** Secrets where they do not belong: in paths, queries, bodies and headers of callers. */
export async function misuseSecrets(desk: Desk, env: SecretEnv): Promise<readonly Canary[]> {
	const [guess, query, cookie, body] = [
		env.makeSecret(),
		env.makeSecret(),
		env.makeSecret(),
		env.makeSecret(),
	];
	await desk.chat(`rp_abcdefgh_${guess}`, { message: "hi" });
	await desk.chat(
		"x",
		{ message: "hi" },
		{ authorization: `Basic ${Buffer.from(`u:${guess}`).toString("base64")}` },
	);
	await desk.get(`/v1/chat?api_key=${query}&token=${query}`);
	await desk.get(`/${query}/x`);
	await desk.get("/readyz", {
		cookie: `session=${cookie}`,
		"x-api-key": cookie,
		referer: `https://x/?t=${cookie}`,
	});
	const { key } = await desk.program();
	await desk.chat(key, { message: "hi", api_key: body });
	await desk.chat(key, `{"message":"hi","password":"${body}`);
	const { secret } = desk.world.hookOf(desk.world.bot);
	for (const given of [`${secret}x`, secret.slice(1), env.env["TELEGRAM_WEBHOOK_SECRET"] ?? ""]) {
		await desk.hook(toUpdate(desk, {}), { "x-telegram-bot-api-secret-token": given });
	}
	await desk.hook(`{"update_id":1,"password":"${body}`);
	await desk.get(`/telegram/${secret}`);
	return [
		{ name: "a wrong API key", secret: guess },
		{ name: "a key in a query or path", secret: query },
		{ name: "a cookie", secret: cookie },
		{ name: "a key in a body that is refused", secret: body },
	];
}

/** Telegram, Redis and PostgreSQL fail while people write. */
export async function useFaults(
	desk: Desk,
	env: SecretEnv,
	killRedis: () => Promise<void>,
): Promise<readonly Canary[]> {
	const { db, telegram, wire } = desk.world;
	const [words, poison] = [env.makeSecret(), `poison ${env.makeSecret()}`];
	const ann = await desk.person();
	await ann.ask(`My password is ${words}`);
	for (const outage of ["bad-gateway", "refuse"] as const) {
		telegram.setOutage(outage);
		const question = ann.send("during an outage");
		await pollUntil(() => telegram.calls().some(({ chatId }) => chatId === ann.chat.id));
		telegram.setOutage(undefined);
		await ann.answered(question);
	}
	const description = `Bad Request: token ${env.tokens[0]} is not welcome`;
	ann.chat.faults.failNext("editMessageText", { kind: "refuse", status: 400, description });
	await ann.ask("hello");
	await db.raw(`
		create function prove_poison() returns trigger language plpgsql as $$
		begin
			if new.content like 'poison %' then
				-- Where PostgreSQL itself tells the values of a row.
				raise exception 'cannot store' using detail = new.content, hint = new.content;
			end if;
			return new;
		end $$`);
	await db.raw(
		"create trigger prove_poison before insert on conversation_messages for each row execute function prove_poison()",
	);
	const poisoned = ann.send(poison);
	await pollUntil(async () => (await desk.world.readLog()).includes("cannot store"));
	await db.raw("drop trigger prove_poison on conversation_messages");
	await ann.answered(poisoned);
	await killRedis();
	await ann.ask("without Redis");
	wire.setMode("refuse");
	const { key } = await desk.program();
	await desk.chat(key, { message: "without a database" });
	await desk.hook(toUpdate(desk, {}));
	wire.setMode("pass");
	await pollUntil(async () => (await desk.get("/readyz")).status === 200);
	const stored: readonly PlaceKind[] = ["dump", "texts", "vendor"];
	return [
		{ name: "what a person wrote", secret: words, allowedIn: stored },
		{ name: "what could not be stored", secret: poison.slice("poison ".length), allowedIn: stored },
	];
}

async function takeKey(person: Person): Promise<string> {
	return /rp_\w{8}_[\w-]{43}/.exec((await person.ask("/key new")).join())?.[0] ?? "";
}

function toKeySecret(key: string): string {
	return key.split("_").slice(2).join("_");
}

async function takeLink(person: Person): Promise<{ readonly typed: string; readonly deep: string }> {
	const texts = await person.ask("/link");
	return { typed: findCode(texts), deep: /start=([\w-]{22})/.exec(texts.join())?.[1] ?? "" };
}

function findCode(texts: readonly string[]): string {
	return /\/bind ([A-Z0-9-]+)/.exec(texts.join())?.[1] ?? "";
}

async function pressIfOffered(person: Person, label: string): Promise<void> {
	const labels = person.chat.visibleMessages().flatMap(({ buttons }) => buttons?.flat() ?? []);
	if (labels.some(({ text }) => text === label)) await person.press(label);
}
