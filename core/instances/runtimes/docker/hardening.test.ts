import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { dirname } from "node:path";
import { expect, test } from "@jest/globals";
import { eventually } from "../../../testing/eventually.ts";
import { describeContainers } from "./testing/container-world.ts";

describeContainers("a container of an agent", (find) => {
	test("is strict from the inside too", async () => {
		const { start, hands, base } = find();
		const { cell } = await start({ limits: { ...base.limits, memoryBytes: 256 * 1024 * 1024 } });
		const status = await hands.shell(cell, "cat /proc/self/status");
		expect(status).toMatch(/^Uid:\s+1000\s/m);
		expect(status).toMatch(/^CapEff:\s+0+$/m);
		expect(status).toMatch(/^CapBnd:\s+0+$/m);
		expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
		expect(status).toMatch(/^Seccomp:\s+2$/m);
		for (const place of ["/", "/etc", "/bin", "/srv"]) {
			expect(await hands.shell(cell, `touch ${place}/x && echo written`)).not.toContain("written");
		}
		expect(await hands.shell(cell, "touch /tmp/x /var/tmp/x ~/x && echo written")).toContain("written");
		const limits = await hands.shell(cell, "cat /proc/self/limits");
		expect(limits).toMatch(/Max core file size\s+0\s+0/);
		expect(limits).toMatch(/Max open files\s+16384\s/);
		const filled = await hands.shell(cell, "dd if=/dev/zero of=/tmp/big bs=1M count=100 2>&1");
		expect(filled).toMatch(/No space left/);
	});

	test("has no more processes than it may have", async () => {
		const { start, hands, base } = find();
		const { cell } = await start({ limits: { ...base.limits, processesMax: 32 } });
		await hands.shell(cell, "for i in $(seq 100); do sleep 3 & done 2>/dev/null; echo tried").catch(() => "");
		let counted = "";
		await eventually(async () => {
			counted = await hands.shell(cell, "ls /proc | grep -c '^[0-9]'").catch(() => "");
			return /^\d+\n$/.test(counted);
		});
		expect(Number(counted)).toBeLessThanOrEqual(32);
	});

	test("ends where it wants more memory than it may have, and no other does", async () => {
		const { start, stateOf, runtime } = find();
		const other = await start();
		const greedy = await start({ environment: { STUB_GREEDY: "yes" } });
		await eventually(async () => (await stateOf(greedy)) === "exited", 30_000);
		const [seen] = await runtime.observe(greedy.spec.instanceId, []);
		// Whether it was the memory is for the engine to say, and Podman 4.3 does not over the first version of cgroups.
		expect(seen).toMatchObject({ state: "exited", exitCode: 137 });
		expect(await stateOf(other)).toBe("running");
	});

	test("gets what it is given, another time something else; the engine keeps none of it", async () => {
		const { start, stateOf, hands, podman, runtime } = find();
		const secret = `secret-${randomUUID()}`;
		const made = await start({
			environment: { KEY: secret, QUOTED: 'it\'s\nall "here" $HOME `id`', PLACE: "{home}:{port}" },
		});
		const { spec, cell } = made;
		const given = (await hands.ask(cell, "cgi-bin/environment")) ?? "";
		expect(given).toContain(`KEY=${secret}\n`);
		expect(given).toContain('QUOTED=it\'s\nall "here" $HOME `id`\n');
		expect(given).toContain("PLACE=/cell/home:18789\n");
		await runtime.kill(cell);
		await eventually(async () => (await stateOf(made)) === "exited");
		await runtime.mend(spec);
		expect(await podman.run("inspect", cell)).not.toContain(secret);
		const search = [
			"-c",
			'grep -rlF "$1" "$2" 2>/dev/null || true',
			"search",
			secret,
			dirname(podman.socketPath),
		];
		expect(execFileSync("/bin/sh", search, { encoding: "utf8" })).toBe("");
		await runtime.start({ ...spec, environment: { KEY: "another" } });
		await hands.up(cell);
		expect(await hands.ask(cell, "cgi-bin/environment")).toContain("KEY=another\n");
	});
});
