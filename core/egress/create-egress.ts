import type { LookupAddress } from "node:dns";
import { lookup } from "node:dns";
import type { LookupFunction, Socket } from "node:net";
import type { Dispatcher } from "undici";
import { Agent, buildConnector } from "undici";
import { toAddressKind } from "./address.ts";
import { isAddressAllowed, isIpLiteral, toBareHost } from "./check-url.ts";

/** The address of an endpoint is none we connect to. Never retried, never the user's fault. */
export class AddressRefusedError extends Error {
	override readonly name = "AddressRefusedError";
}

/** All addresses of a name; fails as dns.lookup does. */
export type Resolve = (
	hostname: string,
	callback: (error: Error | null, addresses: readonly LookupAddress[]) => void,
) => void;

/**
 * The one way out of the house to addresses somebody typed in (S25): resolves a name once, refuses it when any of its
 * addresses is not allowed, and connects to exactly those addresses with the name as SNI. Ignores proxy variables of the
 * environment, follows no redirect.
 */
export type Egress = {
	/** A pool shared by all calls of the same kind. */
	dispatcher(options: EgressOptions): Dispatcher;
	readonly portsAllowed: readonly number[];
	/** Cuts what is still open. */
	close(): Promise<void>;
};

export type EgressOptions = {
	readonly allowPrivateNetwork: boolean;
	readonly connectMs: number;
	/** True: each call over a connection of its own, as after one that was kept too long. */
	readonly isFresh?: boolean;
};

/** Idle sockets are dropped before the usual load balancer does, else a request can meet a closing socket. */
const KEEP_ALIVE_MS = 4_000;
const CONNECT_STEP_MS = 500;
const CONNECT_MAX_MS = 30_000;
const HEADER_BYTES_MAX = 32 * 1024;

export function createEgress(
	options: {
		readonly portsAllowed?: readonly number[];
		readonly resolve?: Resolve;
		/** Certificates trusted besides the usual ones, PEM. */
		readonly ca?: string;
	} = {},
): Egress {
	const agents = new Map<string, Agent>();
	const { portsAllowed = [], resolve = resolveAll, ca } = options;

	function createAgent(allowPrivateNetwork: boolean, timeout: number, isFresh: boolean): Agent {
		const connect = buildConnector({
			timeout,
			allowH2: false,
			lookup: createLookup(resolve, allowPrivateNetwork),
			...(ca === undefined ? {} : { ca }),
		});
		return new Agent({
			connect: (target, callback) => {
				const refusal = findTargetRefusal(target, allowPrivateNetwork);
				if (refusal !== undefined) {
					callback(refusal, null);
					return;
				}
				connect(target, (...[error, socket]) => {
					if (error) callback(error, null);
					else acceptSocket(socket, target.protocol, allowPrivateNetwork, callback);
				});
			},
			// 0: no connection is kept.
			pipelining: isFresh ? 0 : 1,
			keepAliveTimeout: KEEP_ALIVE_MS,
			keepAliveMaxTimeout: KEEP_ALIVE_MS,
			maxHeaderSize: HEADER_BYTES_MAX,
		});
	}

	return {
		portsAllowed,
		dispatcher({ allowPrivateNetwork, connectMs, isFresh = false }) {
			// Rounded, so that odd figures in the configuration cannot make a pool each.
			const steps = Math.ceil(Math.min(connectMs, CONNECT_MAX_MS) / CONNECT_STEP_MS);
			const key = `${allowPrivateNetwork}:${steps}:${isFresh}`;
			const agent = agents.get(key) ?? createAgent(allowPrivateNetwork, steps * CONNECT_STEP_MS, isFresh);
			agents.set(key, agent);
			return agent;
		},
		async close() {
			await Promise.all([...agents.values()].map(async (agent) => await agent.destroy()));
			agents.clear();
		},
	};
}

function resolveAll(hostname: string, callback: Parameters<Resolve>[1]): void {
	lookup(hostname, { all: true, verbatim: true }, (error, addresses) => callback(error, addresses ?? []));
}

/** One bad address condemns the name: a good one beside it is how a check is fooled. */
function createLookup(resolve: Resolve, allowPrivateNetwork: boolean): LookupFunction {
	return (hostname, options, callback) => {
		resolve(hostname, (error, addresses) => {
			const first = addresses[0];
			const bad = addresses.find(({ address }) => !isAddressAllowed(address, { allowPrivateNetwork }));
			if (error !== null || first === undefined) {
				callback(error ?? new Error(`no address for ${hostname}`), "");
			} else if (bad !== undefined) {
				callback(new AddressRefusedError(`${hostname} has the refused address ${bad.address}`), "");
			} else if (options.all === true) callback(null, [...addresses]);
			else callback(null, first.address, first.family);
		});
	};
}

/** An IP literal is connected to without a lookup, so it is looked at here. */
function findTargetRefusal(
	target: buildConnector.Options,
	allowPrivateNetwork: boolean,
): AddressRefusedError | undefined {
	if (!isIpLiteral(target.hostname)) return undefined;
	const host = toBareHost(target.hostname);
	if (isAddressAllowed(host, { allowPrivateNetwork })) return undefined;
	return new AddressRefusedError(`refused address ${host}`);
}

/** The last word: where the socket really ended. Plain http leaves the machine only towards the approved LAN. */
function acceptSocket(
	socket: Socket,
	protocol: string,
	allowPrivateNetwork: boolean,
	callback: buildConnector.Callback,
): void {
	const address = socket.remoteAddress ?? "";
	const allowed =
		isAddressAllowed(address, { allowPrivateNetwork }) &&
		(protocol === "https:" || toAddressKind(address) === "lan");
	if (allowed) {
		callback(null, socket);
		return;
	}
	socket.destroy();
	callback(new AddressRefusedError(`connected to the refused address ${address}`), null);
}
