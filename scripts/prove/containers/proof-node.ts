import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { ModuleEdit } from "../testing/module-mutant.ts";
import { toModuleMutant } from "../testing/module-mutant.ts";
import type { EngineRelay, Moment } from "./engine-relay.ts";
import { startEngineRelay } from "./engine-relay.ts";
import type { NodeRun } from "./run-node.ts";

/** One node, begun again after each of its deaths. */
export type ProofNode = {
	/** Resolves with how many instances it looked at, or with 0 where it died of it. */
	pass(nowMs: number): Promise<number>;
	deaths(): number;
	close(): Promise<void>;
};

export type ProofNodeTerms = {
	readonly run: Omit<NodeRun, "socketPath">;
	readonly enginePath: string;
	readonly relayPath: string;
	readonly edits: readonly ModuleEdit[];
	readonly dieAt: (order: string) => Moment | undefined;
};

const PROGRAM = fileURLToPath(new URL("./run-node.ts", import.meta.url));

export async function startProofNode(terms: ProofNodeTerms): Promise<ProofNode> {
	const { run, enginePath, relayPath, edits, dieAt } = terms;
	const { flags, env } = toModuleMutant(edits);
	let child: ChildProcess | undefined;
	let deaths = 0;
	const relay: EngineRelay = await startEngineRelay({
		...{ socketPath: relayPath, enginePath },
		dieAt: (order) => (child?.signalCode === null ? dieAt(order) : undefined),
		kill: () => {
			deaths += 1;
			child?.kill("SIGKILL");
		},
	});

	/** Settles with what the child says next, or with undefined once it is gone. */
	let told: PromiseWithResolvers<number | undefined> = Promise.withResolvers();

	async function begin(): Promise<ChildProcess> {
		const begun = fork(PROGRAM, [JSON.stringify({ ...run, socketPath: relay.socketPath })], {
			execArgv: ["--disable-warning=ExperimentalWarning", ...flags],
			env: { ...process.env, ...env },
			stdio: ["ignore", "ignore", "inherit", "ipc"],
		});
		told = Promise.withResolvers();
		begun.on("message", ({ looked }: { readonly looked: number }) => told.resolve(looked));
		begun.on("exit", () => told.resolve(undefined));
		await told.promise;
		return begun;
	}

	return {
		async pass(nowMs) {
			if (child === undefined || isGone(child)) child = await begin();
			told = Promise.withResolvers();
			if (isGone(child)) return 0;
			child.send({ nowMs });
			return (await told.promise) ?? 0;
		},
		deaths: () => deaths,
		async close() {
			if (child !== undefined && !isGone(child)) {
				const exited = once(child, "exit");
				child.kill("SIGKILL");
				await exited;
			}
			await relay.close();
		},
	};
}

function isGone({ exitCode, signalCode, connected }: ChildProcess): boolean {
	return exitCode !== null || signalCode !== null || !connected;
}
