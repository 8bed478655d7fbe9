import { spawnSync } from "node:child_process";
import { once } from "node:events";
import type { Server } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { toNames } from "./names.ts";
import { describeContainers } from "./testing/container-world.ts";
import { toStubHands } from "./testing/stub-world.ts";

const INSTALLATION = `isolation-${process.pid}`;
const hasNft = spawnSync("nft", ["list", "tables"]).status === 0;
if (!hasNft) console.warn("NO nft ON THIS MACHINE: the tests of the firewall of containers are SKIPPED");
const testWithNft = hasNft ? test : test.skip;

describeContainers("from inside of a container", (find) => {
	const servers: Server[] = [];
	/** Of this machine: our gateway at all its addresses, others there too, and one at the loopback alone. */
	let [gateway, everywhere, inside] = [0, 0, 0];

	beforeAll(async () => {
		gateway = await listen("0.0.0.0", "the gateway");
		everywhere = await listen("0.0.0.0", "a database");
		inside = await listen("127.0.0.1", "a database");
	});
	afterAll(async () => {
		for (const server of servers) server.close();
		const table = `rockpool_${toNames(INSTALLATION).bridgePrefix.replaceAll("-", "")}`;
		spawnSync("nft", ["delete", "table", "inet", table]);
	});

	async function listen(host: string, says: string): Promise<number> {
		const server = createServer((_, response) => response.end(says)).listen(0, host);
		await once(server, "listening");
		servers.push(server);
		return (server.address() as AddressInfo).port;
	}

	type Cell = {
		readonly name: string;
		readonly address: string;
		readonly own: string;
		/** The last line of what answers there, or "not reached". */
		reach(host: string, port: number): Promise<string>;
		shell(script: string): Promise<string>;
	};

	async function start(isFenced: boolean): Promise<Cell> {
		const { open, toSpec } = find();
		const runtime = open({
			installation: INSTALLATION,
			...(isFenced && { firewall: { gatewayPort: gateway } }),
		});
		const hands = toStubHands(runtime);
		const { spec, cell: name } = toSpec();
		await runtime.create(spec);
		await runtime.start(spec);
		await hands.up(name);
		const { host = "" } = (await runtime.address(name)) ?? {};
		const shell = async (script: string): Promise<string> => await hands.shell(name, script);
		const machine = (await shell("grep rockpool.internal /etc/hosts")).split(/\s/)[0] ?? "";
		return {
			...{ name, address: host, own: machine, shell },
			reach: async (host, port) => {
				const question = "GET /healthz HTTP/1.0\\r\\n\\r\\n";
				const asked = `printf '${question}' | nc -w 3 ${host} ${port} 2>&1 || echo "not reached"`;
				return (await shell(asked)).trim().split("\n").at(-1) ?? "";
			},
		};
	}

	/** What no container may reach, fenced or not. */
	async function expectApart(cell: Cell, other: Cell): Promise<void> {
		expect(await cell.reach(cell.address, 18_789)).toBe("ok");
		const places: readonly (readonly [string, number])[] = [
			[other.address, 18_789],
			["127.0.0.1", inside],
			[cell.own, inside],
			[other.own, everywhere],
			["169.254.169.254", 80],
			["192.0.2.1", 443],
		];
		for (const [host, port] of places) {
			expect(`${host}:${port} ${await cell.reach(host, port)}`).toBe(`${host}:${port} not reached`);
		}
		expect(await cell.shell("find / -xdev -type s 2>/dev/null; ls /run/podman /var/run 2>&1")).not.toMatch(
			/\.sock|api/,
		);
		expect(await cell.shell("cat /proc/net/if_inet6 2>&1")).not.toMatch(/eth/);
		expect(await cell.shell("ip route add default via 1.1.1.1 2>&1; ip route | grep -c default")).toMatch(
			/\b0\n$/,
		);
	}

	test("another one, the machine's loopback, metadata, the world and the engine are out of reach; our gateway is not", async () => {
		const [cell, other] = [await start(false), await start(false)];
		await expectApart(cell, other);
		// What listens at all of the machine's addresses listens at this one too: that is for the firewall.
		expect(await cell.reach(cell.own, everywhere)).toBe("a database");
		expect(await cell.reach(cell.own, gateway)).toBe("the gateway");
	});

	testWithNft("with the firewall nothing of the machine is left but the gateway", async () => {
		const [cell, other] = [await start(true), await start(true)];
		await expectApart(cell, other);
		expect(await cell.reach(cell.own, gateway)).toBe("the gateway");
		expect(await cell.reach(cell.own, everywhere)).toBe("not reached");
		expect(await cell.shell(`nslookup example.com ${cell.own} 2>&1`)).toMatch(/refused|timed out|can't/i);
	});
});
