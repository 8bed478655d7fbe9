import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import type { Podman } from "../../../core/instances/runtimes/docker/testing/podman.ts";
import { startPodman, whyNoPodman } from "../../../core/instances/runtimes/docker/testing/podman.ts";
import { eventually } from "../../../core/testing/eventually.ts";
import type { InstanceWorld } from "./instance-world.ts";
import { openInstanceWorld } from "./instance-world.ts";
import { loadNodeStub, NODE_STUB_COMMAND } from "./load-node-stub.ts";

const UP_MS = 60_000;
jest.setTimeout(180_000);

const describeContainers = whyNoPodman() === undefined ? describe : describe.skip;

describeContainers("with containers", () => {
	let podman: Podman;
	let world: InstanceWorld;

	beforeAll(async () => {
		podman = await startPodman();
		world = await openInstanceWorld({
			INSTANCES: "docker",
			INSTANCE_ENGINE: podman.socketPath,
			INSTANCE_RELEASE: await loadNodeStub(podman),
			INSTANCE_COMMAND: NODE_STUB_COMMAND,
			INSTANCE_SUBNETS: podman.subnets,
			INSTANCE_FIREWALL: "off",
		});
	});
	afterAll(async () => {
		const violations = await world.end();
		const left = await podman.run("ps", "--all", "--format", "{{.Names}}");
		const networks = await podman.run("network", "ls", "--format", "{{.Name}}");
		const volumes = await podman.run("volume", "ls", "--format", "{{.Name}}");
		await podman.stop();
		expect(violations).toEqual([]);
		expect([left, volumes].map((text) => text.trim())).toEqual(["", ""]);
		expect(networks.split("\n").filter((name) => name.startsWith("oc-"))).toEqual([]);
	});

	test("an agent in a container of its own answers, asks its models at our gateway, and goes", async () => {
		const chat = world.openChat();
		const { accountId } = await world.addPerson({ sender: world.toSender(chat), planId: "pro_40" });
		const phaseOf = async () =>
			(await world.db("instances").where({ account_id: accountId }).first("phase"))?.phase;
		expect(await world.say(chat, "/instance create")).toContain("is being made");
		await eventually(
			() => chat.visibleTexts().some((text) => text.includes("From now on it answers")),
			UP_MS,
		);
		// It may be up a moment before our gateway is in its network.
		await eventually(async () => (await world.say(chat, "what is 2+2?")) === "claw: four", UP_MS);
		const usage = await world.db("usage_log").where({ account_id: accountId, source: "instance" });
		expect(usage).toHaveLength(1);
		const who = JSON.parse(await world.say(chat, "who are you?")) as { readonly uid: number };
		expect(who.uid).toBe(1_000);
		expect(await world.say(chat, "/instance")).toMatch(/up and well[\s\S]*of memory/);
		expect(await world.say(chat, "/instance logs")).toContain("trusted with [secret] and [secret]");

		await world.say(chat, "/instance stop");
		await world.tap(chat, "Yes, stop it");
		await eventually(async () => (await phaseOf()) === "stopped", UP_MS);
		await world.say(chat, "/instance start");
		await eventually(async () => (await phaseOf()) === "ready", UP_MS);
		await eventually(async () => (await world.say(chat, "and 3+1?")) === "claw: four", UP_MS);
	});
});
