import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "@jest/globals";
import { AppError } from "../../../core/errors.ts";
import type { LooksOptions } from "./stream-looks.ts";
import { streamLooks } from "./stream-looks.ts";

type Given = Partial<Pick<LooksOptions, "look" | "revoked" | "stopping" | "lastsMs">>;

/** What a caller reads who stays until the end, and how often it was looked. */
async function read(given: Given): Promise<{ readonly text: string; readonly looks: number }> {
	let looks = 0;
	const never = new AbortController().signal;
	const server = createServer((_, response) => {
		const { look = async (stream) => stream.send("look", { looks }), ...more } = given;
		void streamLooks(response, {
			...{
				everyMs: 5,
				lastsMs: 60_000,
				keepAliveMs: 60_000,
				drainTimeoutMs: 1_000,
				revoked: never,
				stopping: never,
			},
			errorContext: { language: "en", requestId: "r", supportUrl: undefined },
			...more,
			async look(stream) {
				looks += 1;
				await look(stream);
			},
		});
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const text = await (await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)).text();
	await new Promise((resolve) => server.close(resolve));
	return { text, looks };
}

test("looks again and again until the time is over", async () => {
	const { text, looks } = await read({ lastsMs: 100 });
	expect(looks).toBeGreaterThan(3);
	expect(text.endsWith("event: end\ndata: {}\n\n")).toBe(true);
});

test("ends with an error when the key is revoked, and with an end when the node stops", async () => {
	const later = (ms: number): AbortSignal => AbortSignal.timeout(ms);
	expect((await read({ revoked: later(50) })).text).toMatch(/event: error\ndata: .*AUTH_INVALID_CREDENTIALS/);
	expect((await read({ stopping: later(50) })).text).toMatch(/event: end\n/);
});

test("ends with the error of a look, without what is behind it", async () => {
	const gone = await read({
		look: async () => {
			throw new AppError("INSTANCE_NOT_FOUND", "gone");
		},
	});
	expect(gone.text).toMatch(/^event: error\ndata: .*INSTANCE_NOT_FOUND/);
	const broken = await read({
		look: async () => {
			throw new Error("EACCES /var/lib/secret");
		},
	});
	expect(broken.text).toContain("INTERNAL");
	expect(broken.text).not.toContain("EACCES");
});
