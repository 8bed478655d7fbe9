import type { RequestListener } from "node:http";
import { afterEach, describe, expect, test } from "@jest/globals";
import type Docker from "dockerode";
import { AppError } from "../../../../errors.ts";
import type { FakeEngine } from "../testing/fake-engine.ts";
import { startFakeEngine } from "../testing/fake-engine.ts";
import { connectEngine } from "./engine.ts";
import { EngineRefusal } from "./engine-refusal.ts";

const FAST = { answerMs: 200, orderMs: 200 };
/** Where an answer comes, however busy this machine is. */
const PATIENT = { answerMs: 10_000, orderMs: 10_000 };
let engine: FakeEngine | undefined;

afterEach(async () => {
	await engine?.close();
	engine = undefined;
});

async function connect(answer: RequestListener, limits = FAST): Promise<Docker> {
	engine = await startFakeEngine(answer);
	return connectEngine({ socketPath: engine.socketPath, ...limits });
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
	return await work.then(
		() => undefined,
		(error: unknown) => error,
	);
}

function expectAway(error: unknown): void {
	expect(error).toBeInstanceOf(AppError);
	expect(error).toMatchObject({ code: "INTERNAL", details: { cause: "runtime-away" } });
}

describe("an engine that cannot be asked is away, and soon", () => {
	test("where there is none", async () => {
		const docker = connectEngine({ socketPath: "/nowhere/api", ...FAST });
		expectAway(await failureOf(docker.getContainer("x").inspect()));
	});

	test("where another one is named in the environment, it is not asked", async () => {
		process.env["DOCKER_HOST"] = "tcp://127.0.0.1:1";
		try {
			const docker = await connect((_, response) => response.end("{}"), PATIENT);
			await docker.getContainer("x").inspect();
		} finally {
			delete process.env["DOCKER_HOST"];
		}
		expect(engine?.asked).toEqual(["GET /containers/x/json"]);
	});

	test("where it never answers, be it a question or an order", async () => {
		const docker = await connect(() => undefined);
		expectAway(await failureOf(docker.getContainer("x").inspect()));
		expectAway(await failureOf(docker.getContainer("x").start()));
		expectAway(await failureOf(docker.getContainer("x").putArchive(Buffer.alloc(10), { path: "/" })));
	});

	test("where its answer never ends", async () => {
		const docker = await connect((_, response) => {
			response.write("{");
			const timer = setInterval(() => response.write(" "), 20);
			response.on("close", () => clearInterval(timer));
		});
		expectAway(await failureOf(docker.getContainer("x").inspect()));
	});

	test("where it breaks off", async () => {
		const docker = await connect((request, response) => {
			response.write('{"Id":');
			setTimeout(() => request.socket.destroy(), 20);
		});
		expectAway(await failureOf(docker.getContainer("x").inspect()));
	});
});

describe("an engine that answers", () => {
	test("is believed where it refuses", async () => {
		const docker = await connect((_, response) => response.writeHead(409).end('{"message":"not now"}'));
		const error = await failureOf(docker.getContainer("x").start());
		expect(error).toBeInstanceOf(EngineRefusal);
		expect(error).toMatchObject({ status: 409, said: '{"message":"not now"}' });
	});

	test("is asked again where it could not say just then, but not told again", async () => {
		const docker = await connect((_, response) => {
			const isFirst = (engine?.asked.length ?? 0) === 1;
			response.writeHead(isFirst ? 500 : 200).end('{"Id":"x"}');
		}, PATIENT);
		expect(await docker.getContainer("x").inspect()).toEqual({ Id: "x" });
		await engine?.close();
		const told = await connect((_, response) => response.writeHead(500).end(), PATIENT);
		expect(await failureOf(told.getContainer("x").kill())).toMatchObject({ status: 500 });
		expect(engine?.asked).toHaveLength(1);
	});

	test("is not read without end", async () => {
		const docker = await connect((_, response) => {
			const fill = (): void => {
				while (!response.destroyed && response.write(" ".repeat(1024 * 1024)));
			};
			response.on("drain", fill);
			fill();
		});
		const error = await failureOf(docker.getContainer("x").inspect());
		expect(error).toBeInstanceOf(Error);
	});

	test("is not read without end where it refuses", async () => {
		const docker = await connect((_, response) => response.writeHead(500).end("x".repeat(1024 * 1024)));
		expect(await failureOf(docker.getContainer("x").inspect())).toBeInstanceOf(Error);
	});

	test("answers nothing where nothing is to be said", async () => {
		const docker = await connect((_, response) => response.writeHead(204).end());
		expect(await docker.getContainer("x").start()).toBe("");
	});
});
