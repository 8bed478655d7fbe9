import type { Core } from "../../../core/core.ts";

/** As core's door speaks of them. */
export type Instances = Core["instances"];
export type Instance = Awaited<ReturnType<Instances["find"]>>;
export type InstanceRef = Parameters<Instances["find"]>[0];
export type InstanceChange = Parameters<Instances["change"]>[1];
export type InstanceEvent = Awaited<ReturnType<Instances["events"]>>[number];
export type InstanceUse = Awaited<ReturnType<Instances["use"]>>;
export type SamplePoint = Awaited<ReturnType<Instances["series"]>>[number];
export type SeriesWish = Parameters<Instances["series"]>[1];
