import type { RequestListener } from "node:http";
import { afterEach, describe, expect, test } from "@jest/globals";
import { eventually } from "../../../../testing/eventually.ts";
import { connectEngine } from "../engine/engine.ts";
import type { FakeEngine } from "../testing/fake-engine.ts";
import { startFakeEngine } from "../testing/fake-engine.ts";
import type { Images } from "./create-images.ts";
import { createImages } from "./create-images.ts";

const RELEASE = `ghcr.io/openclaw/openclaw@sha256:${"1".repeat(64)}`;
const FOUND = JSON.stringify({ Id: `sha256:${"2".repeat(64)}`, Config: { Entrypoint: ["agent"] } });
let engine: FakeEngine | undefined;
const troubles: string[] = [];

afterEach(async () => {
	await engine?.close();
	engine = undefined;
	troubles.length = 0;
});

async function open(answer: RequestListener, pauseMs = 60_000): Promise<Images> {
	engine = await startFakeEngine(answer);
	const docker = connectEngine({ socketPath: engine.socketPath, answerMs: 1_000, orderMs: 1_000 });
	const onTrouble = (message: string): void => void troubles.push(message);
	return createImages({ docker, registries: ["ghcr.io"], onTrouble, pauseMs });
}

function pulls(): number {
	return (engine?.asked ?? []).filter((one) => one.startsWith("POST /images/create")).length;
}

describe("an image", () => {
	test("that is here is there", async () => {
		const images = await open((_, response) => response.end(FOUND));
		expect(await images.fetch(RELEASE)).toEqual({ kind: "there" });
		expect((await images.require(RELEASE)).entrypoint).toEqual(["agent"]);
	});

	test("is pulled once, however often it is asked for, and says how far it is", async () => {
		const line = (status: string, current: number): string =>
			`${JSON.stringify({ id: "layer", status, progressDetail: { current, total: 200 } })}\n`;
		let isHere = false;
		let finish: (() => void) | undefined;
		const images = await open((request, response) => {
			if (request.method === "GET") return response.writeHead(isHere ? 200 : 404).end(isHere ? FOUND : "{}");
			response.write(line("Downloading", 50));
			finish = () => {
				isHere = true;
				response.end(line("Download complete", 200));
			};
			return response;
		});
		expect(await images.fetch(RELEASE)).toMatchObject({ kind: "coming" });
		await eventually(async () => {
			const told = await images.fetch(RELEASE);
			return told.kind === "coming" && told.why.includes("25 %");
		});
		const told = await images.fetch(RELEASE);
		expect(JSON.stringify(told)).not.toMatch(/ghcr|openclaw|sha256/);
		finish?.();
		await eventually(async () => (await images.fetch(RELEASE)).kind === "there");
		expect(pulls()).toBe(1);
		expect(engine?.asked).toContain(
			`POST /images/create?fromImage=ghcr.io%2Fopenclaw%2Fopenclaw&tag=sha256%3A${"1".repeat(64)}`,
		);
	});

	test.each([
		["says so in its stream", '{"error":"manifest unknown"}\n'],
		["ends and has brought nothing", '{"status":"done"}\n'],
	])("that is refused where the engine %s is let be for a while, then asked for again", async (_, said) => {
		const answer: RequestListener = (request, response) =>
			response.writeHead(request.method === "GET" ? 404 : 200).end(request.method === "GET" ? "{}" : said);
		const images = await open(answer, 300);
		await images.fetch(RELEASE);
		await eventually(async () => (await images.fetch(RELEASE)).kind === "failed");
		await images.fetch(RELEASE);
		expect(pulls()).toBe(1);
		expect(troubles).toHaveLength(1);
		await eventually(async () => (await images.fetch(RELEASE)).kind === "coming");
		await eventually(() => pulls() === 2);
	});

	test("that was to be loaded by hand is not asked for elsewhere", async () => {
		const images = await open((_, response) => response.writeHead(404).end("{}"));
		expect((await images.fetch(`sha256:${"1".repeat(64)}`)).kind).toBe("failed");
		expect(pulls()).toBe(0);
	});

	test("that is not pinned fails, and is no reason to believe that nobody can be asked", async () => {
		const images = await open((_, response) => response.end(FOUND));
		expect((await images.fetch("openclaw:latest")).kind).toBe("failed");
		await expect(images.require("openclaw:latest")).rejects.toThrow(TypeError);
		expect(engine?.asked).toEqual([]);
	});
});
