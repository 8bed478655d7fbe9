import { z } from "zod";
import type { Cell, CellState } from "../../../cell.ts";
import type { Names, Owned } from "../names.ts";

const labelsSchema = z.record(z.string(), z.string()).nullish();
const bindingSchema = z.object({ HostIp: z.string().optional(), HostPort: z.string().optional() });

/** What we look at of a container. Source: Docker Engine API 1.41, "Inspect a container", read 2026-12-01. */
const inspectSchema = z.object({
	Id: z.string(),
	Name: z.string(),
	Image: z.string(),
	Config: z.object({ Labels: labelsSchema }),
	State: z.object({
		Status: z.string(),
		ExitCode: z.number().int(),
		OOMKilled: z.boolean().optional(),
	}),
	NetworkSettings: z
		.object({
			Networks: z.record(z.string(), z.object({ IPAddress: z.string().optional() })).nullish(),
			Ports: z.record(z.string(), z.array(bindingSchema).nullish()).nullish(),
		})
		.nullish(),
});
const listSchema = z.array(
	z.object({
		Id: z.string(),
		Names: z.array(z.string()),
		ImageID: z.string(),
		Labels: labelsSchema,
		State: z.string(),
		/** Seconds since 1970. */
		Created: z.number(),
	}),
);

/** A container as it was just now. */
export type Container = {
	readonly id: string;
	readonly name: string;
	/** By id. */
	readonly image: string;
	/** Undefined: somebody else's. */
	readonly owned: Owned | undefined;
	readonly state: CellState;
	readonly exitCode: number;
	readonly isOutOfMemory: boolean;
	/** In one of its networks, by name. */
	readonly addresses: Readonly<Record<string, string>>;
	/** By "<port>/tcp": those of the loopback. */
	readonly published: Readonly<Record<string, number>>;
};

/** One of a list, which does not say how it ended. */
export type ListedContainer = Pick<Container, "id" | "name" | "image" | "owned" | "state"> & {
	readonly createdMs: number;
};

export function readContainer(answer: unknown, names: Names): Container {
	const { Id, Name, Image, Config, State, NetworkSettings } = inspectSchema.parse(answer);
	const addresses = Object.entries(NetworkSettings?.Networks ?? {}).flatMap(([network, { IPAddress }]) =>
		IPAddress === undefined || IPAddress === "" ? [] : [[network, IPAddress] as const],
	);
	const published = Object.entries(NetworkSettings?.Ports ?? {}).flatMap(([port, bindings]) => {
		const binding = bindings?.find(({ HostIp }) => HostIp === "127.0.0.1");
		return binding?.HostPort === undefined ? [] : [[port, Number(binding.HostPort)] as const];
	});
	return {
		...{ id: Id, name: toName(Name), image: Image },
		...{ owned: names.read(Config.Labels), state: toState(State.Status) },
		...{ exitCode: State.ExitCode, isOutOfMemory: State.OOMKilled === true },
		addresses: Object.fromEntries(addresses),
		published: Object.fromEntries(published),
	};
}

export function readContainers(answer: unknown, names: Names): readonly ListedContainer[] {
	return listSchema.parse(answer).map(({ Id, Names: called, ImageID, Labels, State, Created }) => ({
		...{ id: Id, name: toName(called[0] ?? ""), image: ImageID },
		...{ owned: names.read(Labels), state: toState(State) },
		createdMs: Created * 1_000,
	}));
}

export function toCell({ name, owned, state, exitCode, isOutOfMemory }: Container): Cell {
	const whose = { instanceId: owned?.instanceId, generation: owned?.generation };
	if (state !== "exited") return { name, ...whose, state };
	return { name, ...whose, state, exitCode, ...(isOutOfMemory && { isOutOfMemory }) };
}

function toName(name: string): string {
	return name.replace(/^\//, "");
}

/** Docker's words and Podman's. What we do not know counts as running: its files are then left alone. */
function toState(status: string): CellState {
	if (status === "created" || status === "configured" || status === "initialized") return "created";
	if (status === "exited" || status === "dead" || status === "stopped" || status === "removing")
		return "exited";
	return "running";
}
