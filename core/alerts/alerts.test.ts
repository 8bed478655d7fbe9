import { createHmac } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { AcceptOutcome, InboundEvent } from "../core.ts";
import { listAlertsForChats, syncFindings } from "../db/alerts.ts";
import { createEgress } from "../egress/create-egress.ts";
import type { FindingKind } from "../instances/monitor/judge.ts";
import { tellEvents } from "../instances/monitor/tell-events.ts";
import { makeInstance } from "../instances/testing/make-instance.ts";
import type { TestDb } from "../testing/create-test-db.ts";
import { createTestDb } from "../testing/create-test-db.ts";
import { joinAs, makeSender } from "../testing/people.ts";
import { postAlerts } from "./post-alerts.ts";
import { tellChats } from "./tell-chats.ts";

let world: TestDb;
let said: { readonly id: string; readonly chatId: string; readonly text: string }[] = [];
beforeAll(async () => {
	world = await createTestDb();
});
beforeEach(async () => {
	said = [];
	await world.db.raw("truncate alerts, instances cascade");
});
afterAll(async () => await world.destroy());

/** Takes an event once, as the inbox does. */
async function accept(event: InboundEvent): Promise<AcceptOutcome> {
	const body = JSON.parse(event.bodyJson) as { chat: { id: string }; replies: { markdown: string }[] };
	const isNew = said.every(({ id }) => id !== event.eventId);
	if (isNew) said.push({ id: event.eventId, chatId: body.chat.id, text: body.replies[0]?.markdown ?? "" });
	return { kind: isNew ? "new" : "duplicate", inboxId: "1" };
}

async function insertEvent(instanceId: string, kind: string, more: object = {}): Promise<void> {
	await world
		.db("instance_events")
		.insert({ instance_id: instanceId, kind, why: "it ended with 1", ...more });
}

async function addStaff(): Promise<string> {
	const sender = makeSender();
	await joinAs(world.db, sender);
	await world.db("senders").where({ user_id: sender.userId }).update({ is_staff: true });
	return sender.userId;
}

test("an owner hears once that his instance ends again and again; the staff hears more", async () => {
	const staffId = await addStaff();
	const { instanceId, accountId, userId } = await makeInstance(world.db);
	await insertEvent(instanceId, "crashloop");
	await insertEvent(instanceId, "ended");
	for (let node = 0; node < 2; node += 1) {
		await tellEvents(world.db, accept);
		await tellChats(world.db, accept);
	}
	const toOwner = said.filter(({ chatId }) => chatId === userId);
	expect(toOwner.map(({ text }) => text)).toEqual([
		expect.stringContaining("ends again and again (it ended by itself)"),
	]);
	const toStaff = said.filter(({ chatId }) => chatId === staffId);
	expect(toStaff).toHaveLength(1);
	expect(toStaff[0]?.text).toContain(
		`Instance ${instanceId} of account ${accountId} ends again and again: \`it ended with 1\``,
	);
});

test("who watches one being made is not told twice", async () => {
	const { instanceId, userId } = await makeInstance(world.db);
	await insertEvent(instanceId, "failed", { in_deploy: true });
	await tellEvents(world.db, accept);
	expect(said.filter(({ chatId }) => chatId === userId)).toEqual([]);
	expect(await listAlertsForChats(world.db, 10)).toMatchObject([{ kind: "instance-failed", instanceId }]);
});

test("two nodes at once say it once, and one that died before it noted it does no harm", async () => {
	const { instanceId, userId } = await makeInstance(world.db);
	await insertEvent(instanceId, "failed");
	const dying = tellEvents(world.db, async (event) => {
		await accept(event);
		throw new Error("died");
	});
	await expect(dying).rejects.toThrow("died");
	await Promise.all([tellEvents(world.db, accept), tellEvents(world.db, accept)]);
	expect(said.filter(({ chatId }) => chatId === userId)).toHaveLength(1);
	expect(await world.db("alerts")).toHaveLength(1);
});

test("what was found is open until it is found no more; what comes back soon is the same", async () => {
	const { instanceId } = await makeInstance(world.db);
	const find = async (...kinds: FindingKind[]): Promise<void> =>
		await syncFindings(
			world.db,
			kinds.map((kind) => ({ instanceId, kind, figure: 0.91 })),
		);
	const open = async () =>
		(await world.db("alerts").whereNull("closed_at").orderBy("kind").select("kind"))
			.map(({ kind }) => kind as string)
			.sort();
	await find("cpu", "memory");
	await Promise.all([find("cpu", "memory"), find("cpu", "memory")]);
	expect(await open()).toEqual(["cpu", "memory"]);
	await find("memory");
	expect(await open()).toEqual(["memory"]);
	await find("cpu", "memory");
	expect(await open()).toEqual(["cpu", "memory"]);
	expect(await world.db("alerts")).toHaveLength(2);
	await find();
	await world.db.raw("update alerts set closed_at = now() - interval '2 hours'");
	await find("cpu");
	expect(await world.db("alerts")).toHaveLength(3);
	await syncFindings(world.db, [
		{ instanceId: "00000000-0000-4000-8000-000000000000", kind: "cpu", figure: 1 },
	]);
	expect(await open()).toEqual([]);
});

test("a hook gets each alert signed, and what it did not take again later", async () => {
	const { instanceId, accountId } = await makeInstance(world.db);
	await syncFindings(world.db, [{ instanceId, kind: "memory", figure: 0.95 }]);
	const got: { readonly body: string; readonly headers: IncomingHttpHeaders }[] = [];
	const answers = [500, 302, 204];
	const server = createServer((request, response) => {
		let body = "";
		request.on("data", (piece: Buffer) => {
			body += piece.toString();
		});
		request.on("end", () => {
			got.push({ body, headers: request.headers });
			response.writeHead(answers.shift() ?? 204, { location: "/" }).end("x");
		});
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
	const egress = createEgress();
	const warned: object[] = [];
	const deps = {
		hook: { url, secret: "s3cret" },
		egress,
		log: { warn: (fields: object) => warned.push(fields) },
	};
	try {
		for (let turn = 0; turn < 4; turn += 1) {
			await postAlerts(world.db, deps);
			await postAlerts(world.db, deps);
			await world.db("alerts").update({ hook_next_at: new Date(0) });
		}
	} finally {
		await egress.close();
		server.close();
	}
	expect(got).toHaveLength(3);
	expect(warned).toHaveLength(2);
	const [first] = got;
	expect(JSON.parse(first?.body ?? "")).toMatchObject({
		...{ kind: "memory", instanceId, accountId, figure: 0.95 },
		text: `⚠ Instance ${instanceId} of account ${accountId} uses 95 % of its memory.`,
	});
	const signature = createHmac("sha256", "s3cret")
		.update(first?.body ?? "")
		.digest("hex");
	expect(first?.headers["x-rockpool-signature"]).toBe(`sha256=${signature}`);
	expect(JSON.stringify(got)).not.toContain("s3cret");
});

test("a hook that is not there is given up at last", async () => {
	const { instanceId } = await makeInstance(world.db);
	await syncFindings(world.db, [{ instanceId, kind: "cpu", figure: 0.95 }]);
	const egress = createEgress();
	let tries = 0;
	const log = {
		warn() {
			tries += 1;
		},
	};
	for (let turn = 0; turn < 10; turn += 1) {
		await postAlerts(world.db, { hook: { url: "http://127.0.0.1:9/", secret: undefined }, egress, log });
		await world.db("alerts").update({ hook_next_at: new Date(0) });
	}
	await egress.close();
	expect(tries).toBe(8);
});
