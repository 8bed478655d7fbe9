import type { Language } from "../../../core/pipeline/message.ts";
import { instanceTroubleTexts } from "../../../core/texts/instance-status.ts";
import { say } from "../../../core/texts/say.ts";
import type { Instance, InstanceEvent, InstanceUse, SamplePoint } from "./instance-types.ts";

/** An instance as a program is told of it: nothing of whose machines these are, nor of what they said. */
export function toInstanceBody(instance: Instance, language: Language): object {
	const { id, name, region, desired, phase, createdAt, deployUntil, isAsleep } = instance;
	const isBroken = desired === "running" && phase in instanceTroubleTexts;
	const reason = isBroken
		? say(instanceTroubleTexts[phase as keyof typeof instanceTroubleTexts], language)
		: null;
	return {
		...{ id, name, region, status: instance.status, wanted: desired, asleep: isAsleep, reason },
		createdAt: createdAt.toISOString(),
		readyBy: deployUntil?.toISOString() ?? null,
	};
}

/** What happened, by its kind alone: why is told in words of whoever runs it. */
export function toEventBody({ id, at, kind }: InstanceEvent): object {
	return { id, at: at.toISOString(), kind };
}

/** Thousandths of a core, and bytes; null where it does not run. */
export function toUseBody(use: InstanceUse, at: Date): object {
	return {
		at: at.toISOString(),
		cpuMillis: use?.cpuMillis ?? null,
		memoryBytes: use?.memoryBytes ?? null,
	};
}

/** Means and highest figures of the time from `at` on; null: it was not seen running. */
export function toPointBody(point: SamplePoint): object {
	const { at, cpuMillis, cpuMillisMax, memoryBytes, memoryBytesMax, readyShare, ...counts } = point;
	return {
		at: at.toISOString(),
		...{ cpuMillis: cpuMillis ?? null, cpuMillisMax: cpuMillisMax ?? null },
		...{ memoryBytes: memoryBytes ?? null, memoryBytesMax: memoryBytesMax ?? null },
		...{ readyShare: readyShare ?? null, ...counts },
	};
}
