import { percentile } from "../pipeline/figures.ts";
import { serve } from "../pipeline/serve.ts";
import type { ClientConnection } from "./client-connection.ts";
import { openClient } from "./client-connection.ts";

export type LoadRequest = {
	readonly port: number;
	readonly path: string;
	/** "name: value" each. */
	readonly headers: readonly string[];
	/** Added to `keyHeader`, one a connection, going round. */
	readonly keys: readonly string[];
	readonly keyHeader: string;
	readonly body: string;
	readonly connections: number;
	readonly ms: number;
	readonly isStream: boolean;
	/** The first requests of the connections are spread over so long. */
	readonly spreadMs?: number;
	/** Open loop: so many requests begin a second, whether others are answered or not; without, each answer makes the next one. */
	readonly perSecond?: number;
};

export type LoadResult = {
	/** Answered with 200 and whole while the clock ran, and the time it ran. */
	readonly answered: number;
	readonly elapsedMs: number;
	/** Answered so at all: those under way at the end are waited for. */
	readonly answeredInAll: number;
	readonly failed: number;
	readonly p50Ms: number;
	readonly p99Ms: number;
	/** Until the first words were there. */
	readonly firstP50Ms: number;
	readonly firstP99Ms: number;
};

const SAMPLES_MAX = 400_000;

/** One connection and what is under way on it. */
type Line = {
	connection: ClientConnection;
	readonly bytes: Buffer;
	/** When the request was due. */
	startedAt: number;
};

async function run(request: LoadRequest): Promise<LoadResult> {
	const crowd = new Crowd(request);
	try {
		await crowd.open();
		return await crowd.run();
	} finally {
		crowd.close();
	}
}

class Crowd {
	readonly #request: LoadRequest;
	readonly #lines: Line[] = [];
	readonly #wholeMs = new Samples();
	readonly #firstMs = new Samples();
	readonly #over = Promise.withResolvers<void>();
	readonly #free: Line[] = [];
	/** Times at which requests of the open loop were due for which no connection was free. */
	readonly #due: number[] = [];
	#end = 0;
	#live = 0;
	#isStarting = true;
	#answered = 0;
	#late = 0;
	#failed = 0;

	constructor(request: LoadRequest) {
		this.#request = request;
	}

	async open(): Promise<void> {
		const { connections, port } = this.#request;
		for (let at = 0; at < connections; at += 1) {
			const line: Line = { bytes: this.#toBytes(at), startedAt: 0, connection: { send() {}, close() {} } };
			line.connection = await openClient(port, {
				onFirst: () => this.#firstMs.add(performance.now() - line.startedAt),
				onEnd: (status) => this.#take(line, status),
			});
			this.#lines.push(line);
		}
	}

	async run(): Promise<LoadResult> {
		const { ms, perSecond } = this.#request;
		const startedAt = performance.now();
		this.#end = startedAt + ms;
		if (perSecond === undefined) await this.#startAll(startedAt);
		else await this.#keepRate(startedAt, perSecond);
		this.#isStarting = false;
		if (this.#live > 0) await this.#over.promise;
		return {
			answered: this.#answered,
			elapsedMs: ms,
			answeredInAll: this.#answered + this.#late,
			failed: this.#failed,
			p50Ms: this.#wholeMs.percentile(0.5),
			p99Ms: this.#wholeMs.percentile(0.99),
			firstP50Ms: this.#firstMs.percentile(0.5),
			firstP99Ms: this.#firstMs.percentile(0.99),
		};
	}

	close(): void {
		for (const { connection } of this.#lines) connection.close();
	}

	/** At once, or one after the other over the time they are spread over. */
	async #startAll(startedAt: number): Promise<void> {
		const stepMs = (this.#request.spreadMs ?? 0) / this.#lines.length;
		for (const [at, line] of this.#lines.entries()) {
			if (performance.now() < startedAt + at * stepMs) await untilNextTick();
			this.#send(line, performance.now());
		}
	}

	async #keepRate(startedAt: number, perSecond: number): Promise<void> {
		this.#free.push(...this.#lines);
		let begun = 0;
		for (let now = startedAt; now < this.#end; now = performance.now()) {
			const due = Math.trunc(((now - startedAt) * perSecond) / 1_000);
			for (; begun < due; begun += 1) {
				const at = startedAt + ((begun + 1) * 1_000) / perSecond;
				const line = this.#free.pop();
				if (line === undefined) this.#due.push(at);
				else this.#send(line, at);
			}
			await untilNextTick();
		}
	}

	#send(line: Line, at: number): void {
		line.startedAt = at;
		this.#live += 1;
		line.connection.send(line.bytes, this.#request.isStream);
	}

	#take(line: Line, status: number): void {
		const now = performance.now();
		this.#live -= 1;
		if (status !== 200) this.#failed += 1;
		else {
			this.#wholeMs.add(now - line.startedAt);
			if (now > this.#end) this.#late += 1;
			else this.#answered += 1;
		}
		if (status !== 0) this.#goOn(line, now);
		if (this.#live === 0 && !this.#isStarting) this.#over.resolve();
	}

	#goOn(line: Line, now: number): void {
		const due = this.#due.shift();
		if (due !== undefined) this.#send(line, due);
		else if (this.#request.perSecond !== undefined) this.#free.push(line);
		else if (now < this.#end) this.#send(line, now);
	}

	#toBytes(at: number): Buffer {
		const { path, headers, keyHeader, keys, body } = this.#request;
		const key = keys[at % keys.length];
		const lines = [
			`POST ${path} HTTP/1.1`,
			"host: 127.0.0.1",
			"content-type: application/json",
			...headers,
			...(key === undefined ? [] : [`${keyHeader}${key}`]),
			`content-length: ${Buffer.byteLength(body)}`,
		];
		return Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body}`);
	}
}

/** Room for so many; what comes after is not measured. */
class Samples {
	readonly #values = new Float64Array(SAMPLES_MAX);
	#count = 0;

	add(value: number): void {
		if (this.#count === SAMPLES_MAX) return;
		this.#values[this.#count] = value;
		this.#count += 1;
	}

	percentile(share: number): number {
		return percentile(this.#values.subarray(0, this.#count), share);
	}
}

async function untilNextTick(): Promise<void> {
	await new Promise((resolve) => setTimeout(resolve, 1));
}

serve({ run });
