import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { issueKey } from "../../../core/api-keys/issue-key.ts";
import { eventually } from "../../../core/testing/eventually.ts";
import type { Person } from "../testing/app-world.ts";
import type { InstanceWorld } from "./instance-world.ts";
import { openInstanceWorld, UP_MS } from "./instance-world.ts";

jest.setTimeout(90_000);

type Body = Readonly<Record<string, unknown>> & { readonly id?: string; readonly status?: string };
type Answer = {
	readonly status: number;
	readonly headers: Headers;
	readonly text: string;
	readonly body: Body;
};

/** Whose machines these are, and with what they are run, is nobody's business. */
const OURS =
	/openclaw|process|docker|podman|npm|node_modules|127\.0\.0\.1|localhost|\/tmp\/|rockpool-app|\bpid\b|\bport\b|\bhost\b|errno|ECONN/i;

let world: InstanceWorld;
const told: string[] = [];

beforeAll(async () => {
	world = await openInstanceWorld();
});
afterAll(async () => expect(await world.end()).toEqual([]));

async function openOwner(planId = "pro_40"): Promise<Person> {
	return await world.addPerson({ planId });
}

async function call(key: string, method: string, path: string, body?: unknown): Promise<Answer> {
	const answer = await fetch(`http://127.0.0.1:${world.node.app.address.port}/v1/instances${path}`, {
		method,
		headers: {
			authorization: `Bearer ${key}`,
			...(body !== undefined && { "content-type": "application/json" }),
		},
		...(body !== undefined && { body: JSON.stringify(body) }),
	});
	const text = await answer.text();
	if (!path.includes("/logs")) told.push(text);
	return { status: answer.status, headers: answer.headers, text, body: JSON.parse(text) as Body };
}

async function create(key: string): Promise<string> {
	const { body } = await call(key, "POST", "", {});
	return body.id ?? "";
}

async function untilStatus(key: string, id: string, status: string): Promise<void> {
	await eventually(async () => (await call(key, "GET", `/${id}`)).body.status === status, UP_MS);
}

/** Reads a stream until `part` came, or for as long as may be. */
async function readStream(key: string, path: string, part: string): Promise<string> {
	const leaving = AbortSignal.timeout(UP_MS);
	const answer = await fetch(`http://127.0.0.1:${world.node.app.address.port}/v1/instances${path}`, {
		headers: { authorization: `Bearer ${key}` },
		signal: leaving,
	});
	let text = "";
	for await (const chunk of answer.body ?? []) {
		text += Buffer.from(chunk as Uint8Array).toString();
		if (text.includes(part)) break;
	}
	return text;
}

test("one is made, looked at, restarted, given other keys, stopped, started, killed and deleted", async () => {
	const { accountId, key } = await openOwner();
	const made = await call(key, "POST", "", { region: "home", name: "my-agent" });
	const { id = "" } = made.body;
	expect(made).toMatchObject({
		status: 202,
		body: { status: "PROVISIONING", region: "home", name: "my-agent", wanted: "running", reason: null },
	});
	expect(made.headers.get("location")).toBe(`/v1/instances/${id}`);
	expect((await call(key, "GET", "")).body).toMatchObject({ instances: [{ id }] });
	await untilStatus(key, id, "RUNNING");
	expect((await call(key, "GET", `/${id}/metrics`)).body).toMatchObject({
		cpuMillis: expect.any(Number),
		memoryBytes: expect.any(Number),
	});
	const logs = (await call(key, "GET", `/${id}/logs?tail=50`)).text;
	expect(logs).toContain("the stub is up");
	expect(logs).toContain("trusted with [secret] and [secret] at ~");

	expect((await call(key, "POST", `/${id}/restart`)).body.status).toBe("PROVISIONING");
	await untilStatus(key, id, "RUNNING");

	const keysOf = async () =>
		await world.db("api_keys").where({ instance_id: id }).whereNull("revoked_at").select("id");
	const secretsOf = async () =>
		Number(
			(
				await world
					.db("secrets")
					.where({ tenant: `instance:${id}` })
					.count()
			)[0]?.["count"],
		);
	const before = await keysOf();
	expect((await call(key, "PUT", `/${id}/keys`)).body.status).toBe("PROVISIONING");
	await untilStatus(key, id, "RUNNING");
	const after = await keysOf();
	expect([before.length, after.length, await secretsOf()]).toEqual([1, 1, 2]);
	expect(after).not.toEqual(before);

	expect((await call(key, "POST", `/${id}/stop`)).body.status).toBe("STOPPED");
	await eventually(
		async () => (await world.db("instances").where({ id }).first("phase"))?.phase === "stopped",
		UP_MS,
	);
	expect((await call(key, "GET", `/${id}/metrics`)).body).toMatchObject({
		cpuMillis: null,
		memoryBytes: null,
	});
	expect((await call(key, "POST", `/${id}/start`)).body.status).toBe("PROVISIONING");
	await untilStatus(key, id, "RUNNING");
	expect((await call(key, "POST", `/${id}/kill`)).body.status).toBe("STOPPED");

	const kinds = (
		(await call(key, "GET", `/${id}/events?limit=100`)).body["events"] as { kind: string }[]
	).map(({ kind }) => kind);
	expect(kinds.filter((kind) => kind === "ready")).toHaveLength(4);
	const page = await call(key, "GET", `/${id}/events?limit=2`);
	expect(page.body["next"]).toEqual(expect.any(String));
	const next = await call(key, "GET", `/${id}/events?limit=2&before=${String(page.body["next"])}`);
	const idsOf = ({ body }: Answer): readonly string[] =>
		(body["events"] as { id: string }[]).map((one) => one.id);
	expect(Number(idsOf(next)[0])).toBeLessThan(Number(idsOf(page)[1]));

	expect(await call(key, "DELETE", `/${id}`)).toMatchObject({ status: 202, body: { wanted: "deleted" } });
	await eventually(async () => (await call(key, "GET", `/${id}`)).status === 404, UP_MS);
	expect((await call(key, "GET", "")).body).toEqual({ instances: [] });
	expect(await keysOf()).toEqual([]);
	expect(await secretsOf()).toBe(0);
	expect(accountId).not.toBe("");
});

test("fifty that ask at once get the one", async () => {
	const { key } = await openOwner("starter_20");
	const all = await Promise.all(Array.from({ length: 50 }, async () => await call(key, "POST", "")));
	expect(new Set(all.map(({ body }) => body.id)).size).toBe(1);
	expect(all.filter(({ status }) => status === 202)).toHaveLength(1);
	expect(all.filter(({ status }) => status === 200)).toHaveLength(49);
	await call(key, "DELETE", `/${all[0]?.body.id}`);
});

test("one that is deleted while it is made goes, and cannot be started any more", async () => {
	const { key } = await openOwner();
	const id = await create(key);
	expect((await call(key, "DELETE", `/${id}`)).status).toBe(202);
	expect((await call(key, "POST", `/${id}/start`)).status).toBe(404);
	await eventually(async () => (await call(key, "GET", `/${id}`)).status === 404, UP_MS);
	expect((await call(key, "POST", `/${id}/start`)).status).toBe(404);
});

test("streams tell what it writes and uses, and never with what it was trusted", async () => {
	const { key } = await openOwner();
	const id = await create(key);
	await untilStatus(key, id, "RUNNING");
	expect(await readStream(key, `/${id}/logs/stream`, "the stub is up")).toContain("event: lines");
	const metrics = await readStream(key, `/${id}/metrics/stream`, "memoryBytes");
	expect(metrics).toMatch(/event: metrics\ndata: \{"at":"[^"]+","cpuMillis":\d+,"memoryBytes":\d+\}/);
	told.push(metrics);
});

describe("refused", () => {
	test.each([
		["no key", "", "POST", "", {}, 401, "AUTH_INVALID_CREDENTIALS"],
		[
			"an unknown id",
			undefined,
			"GET",
			"/00000000-0000-4000-8000-000000000000",
			undefined,
			404,
			"INSTANCE_NOT_FOUND",
		],
		["no id at all", undefined, "POST", "/..%2f..%2fetc/stop", undefined, 404, "INSTANCE_NOT_FOUND"],
		["a name in capitals", undefined, "POST", "", { name: "Agent" }, 400, "REQUEST_INVALID"],
		["a name of other letters", undefined, "POST", "", { name: "агент" }, 400, "REQUEST_INVALID"],
		["a name that begins like an option", undefined, "POST", "", { name: "-rm" }, 400, "REQUEST_INVALID"],
		["a name of 41 letters", undefined, "POST", "", { name: "a".repeat(41) }, 400, "REQUEST_INVALID"],
		["a name that climbs", undefined, "POST", "", { name: "../x" }, 400, "REQUEST_INVALID"],
		["an image", undefined, "POST", "", { image: "-v" }, 400, "REQUEST_INVALID"],
		["an environment", undefined, "POST", "", { env: { "A=B\nC": "1" } }, 400, "REQUEST_INVALID"],
		["a region there is none in", undefined, "POST", "", { region: "moon" }, 400, "REQUEST_INVALID"],
		["another method", undefined, "PUT", "", {}, 405, "REQUEST_INVALID"],
	])("%s", async (_, given, method, path, body, status, code) => {
		const key = given ?? (await openOwner()).key;
		expect(await call(key, method, path, body)).toMatchObject({ status, body: { error: { code } } });
	});

	test("a plan without instances, another's instance, and pages of no size", async () => {
		const { key } = await openOwner();
		const id = await create(key);
		const free = await world.addPerson();
		expect(await call(free.key, "POST", "", {})).toMatchObject({
			status: 403,
			body: { error: { code: "FORBIDDEN" } },
		});
		const paths = [
			"GET ",
			"DELETE ",
			"GET /logs",
			"GET /logs/stream",
			"GET /metrics",
			"GET /metrics/stream",
			"GET /events",
		];
		const changes = ["POST /start", "POST /stop", "POST /restart", "POST /kill", "PUT /keys"];
		for (const [method = "", rest = ""] of [...paths, ...changes].map((one) => one.split(" "))) {
			expect([method, rest, (await call(free.key, method, `/${id}${rest}`)).status]).toEqual([
				method,
				rest,
				404,
			]);
		}
		for (const query of [
			"logs?tail=0",
			"logs?tail=1e9",
			"logs?tail=-1",
			"events?limit=101",
			"events?before=x",
			"logs?lines=3",
		]) {
			expect([query, (await call(key, "GET", `/${id}/${query}`)).status]).toEqual([query, 400]);
		}
		expect((await call(key, "GET", `/${id}`)).body.status).not.toBe("STOPPED");
	});

	test("its own key, with which it asks its models", async () => {
		const { accountId, key } = await openOwner();
		const id = await create(key);
		const own = await issueKey(world.db, accountId, {
			instanceId: id,
			label: "its own",
			source: "instance",
			networks: ["127.0.0.0/8"],
		});
		expect(await call(own.key, "DELETE", `/${id}`)).toMatchObject({
			status: 403,
			body: { error: { code: "FORBIDDEN" } },
		});
	});
});

test("no word of whose machines these are has left", () => {
	expect(told.length).toBeGreaterThan(50);
	for (const text of told) expect(text).not.toMatch(OURS);
});
