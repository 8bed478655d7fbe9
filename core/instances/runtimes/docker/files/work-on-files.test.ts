import { expect, test } from "@jest/globals";
import { eventually } from "../../../../testing/eventually.ts";
import { describeContainers } from "../testing/container-world.ts";

describeContainers("the files of a container", (find) => {
	test("are each the old one or the new one, at every moment", async () => {
		const { start, hands, runtime } = find();
		const { spec, cell } = await start();
		const [old, young] = ["a", "b"].map((sign) => sign.repeat(200_000));
		const write = async (content = ""): Promise<void> =>
			await runtime.writeFiles(spec.instanceId, 1, [{ path: "config/agent.json", content }]);
		await write(old);
		// Looks at it for as long as it is written, and says what is neither.
		const looking = hands.shell(
			cell,
			`cd ~/config; while [ ! -f /tmp/enough ]; do
				cp agent.json /tmp/seen 2>/dev/null || echo missing
				[ "$(stat -c %s /tmp/seen)" = 200000 ] || echo torn
				grep -q 'ab\\|ba' /tmp/seen && echo mixed
				echo looked
			done`,
		);
		for (let round = 0; round < 6; round += 1) await write(round % 2 === 0 ? young : old);
		await hands.shell(cell, "touch /tmp/enough");
		expect([...new Set((await looking).trim().split("\n"))]).toEqual(["looked"]);
		expect(await hands.shell(cell, "ls -A /cell/drafts")).toBe("");
	});

	test("are written nowhere but into it, whatever links it has", async () => {
		const { start, hands, runtime } = find();
		const { spec, cell } = await start();
		await hands.shell(
			cell,
			"ln -s /tmp ~/linked; ln -s /etc/passwd ~/file; rm -r /cell/drafts; ln -s /srv /cell/drafts",
		);
		const write = async (path: string): Promise<void> =>
			await runtime.writeFiles(spec.instanceId, 1, [{ path, content: "x" }]).catch(() => undefined);
		await write("file");
		await write("linked/victim");
		expect(await hands.shell(cell, "cat /etc/passwd")).not.toBe("x");
		expect(await hands.shell(cell, "ls /srv")).toBe("cgi-bin\nhealthz\nreadyz\nstartupz\n");
	});

	test("are written while it does not run too, as its own user's", async () => {
		const { toSpec, hands, runtime, containersOf } = find();
		const made = toSpec();
		const { spec, cell } = made;
		await runtime.create(spec);
		await runtime.writeFiles(spec.instanceId, 1, [{ path: "a/b/c.json", content: "{}" }]);
		expect(await containersOf(made)).toEqual([cell]);
		await runtime.start(spec);
		await hands.up(cell);
		expect(await hands.shell(cell, "stat -c '%u %a' ~/a/b/c.json; stat -c '%u %a' ~/a ~")).toBe(
			"1000 600\n1000 700\n1000 700\n",
		);
	});

	test("are mended by one hand that is taken away again; meanwhile nothing else begins", async () => {
		const { toSpec, hands, runtime, podman, containersOf } = find();
		const made = toSpec({ environment: { STUB_MEND_SECONDS: "4" } });
		const { spec, cell } = made;
		await runtime.create(spec);
		const mending = runtime.mend(spec);
		const hand = `${cell}-hand`;
		await eventually(async () => (await podman.run("ps", "--format", "{{.Names}}")).includes(hand));
		await expect(runtime.start(spec)).rejects.toThrow("being worked on");
		await expect(runtime.mend(spec)).rejects.toThrow("being worked on");
		await mending;
		expect(await containersOf(made)).toEqual([cell]);
		await runtime.start(spec);
		await hands.up(cell);
		expect(await hands.ask(cell, "cgi-bin/read?mended")).toBe("mended\n");
	});

	test("are rid of a hand somebody left behind when it is next started", async () => {
		const { toSpec, runtime, podman, containersOf } = find();
		const made = toSpec();
		const { spec, cell } = made;
		await runtime.create(spec);
		const labels = ["installation=test", `instance=${spec.instanceId}`, "generation=1", "role=hand"];
		const marks = labels.flatMap((label) => ["--label", `rockpool.${label}`]);
		await podman.run("create", "--network", "none", "--name", `${cell}-hand`, ...marks, "stub:1", "mend");
		await runtime.start(spec);
		expect(await containersOf(made)).toEqual([cell]);
	});
});
