import { z } from "zod";
import { httpProblem } from "../http-problem.ts";
import type { SeriesWish } from "./instance-types.ts";

/** Source: security, row 64: the form of a host's name, so that it may stand anywhere. */
const NAME = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;
const REGION = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;
/** Of a log that is asked for. */
const TAIL_MAX = 1_000;
const TAIL_DEFAULT = 200;
/** Of a series. */
const POINTS_MAX = 1_000;
const POINTS_DEFAULT = 240;
const EVENTS_MAX = 100;
const EVENTS_DEFAULT = 50;

const createSchema = z.strictObject({
	region: z.string().regex(REGION).optional(),
	name: z.string().regex(NAME).optional(),
});

/** What of a wish for an instance is the caller's to say: nothing of its image, its environment or its place. */
export type CreateRequest = z.infer<typeof createSchema>;

const wholeNumber = z
	.string()
	.regex(/^\d{1,9}$/)
	.transform(Number);
const tailSchema = z.strictObject({
	tail: wholeNumber.pipe(z.number().min(1).max(TAIL_MAX)).default(TAIL_DEFAULT),
});
const seriesSchema = z.strictObject({
	step: z.enum(["15", "300", "3600"]).default("15"),
	since: z.iso.datetime({ offset: true }).optional(),
	limit: wholeNumber.pipe(z.number().min(1).max(POINTS_MAX)).default(POINTS_DEFAULT),
});
const eventsSchema = z.strictObject({
	limit: wholeNumber.pipe(z.number().min(1).max(EVENTS_MAX)).default(EVENTS_DEFAULT),
	before: z
		.string()
		.regex(/^\d{1,18}$/)
		.optional(),
});

/** @throws AppError 400 naming the first field that is unknown or wrong */
export function parseCreate(value: unknown): CreateRequest {
	return parse(createSchema, value);
}

/** How many lines are asked for. @throws AppError 400 */
export function parseTail(query: unknown): number {
	return parse(tailSchema, query).tail;
}

/** Which points of the series: the newest ones since an instant. @throws AppError 400 */
export function parseSeries(query: unknown): SeriesWish {
	const { step, since, limit } = parse(seriesSchema, query);
	return { step: Number(step) as SeriesWish["step"], since: new Date(since ?? 0), limit };
}

/** Which page of what happened. @throws AppError 400 */
export function parseEventsPage(query: unknown): {
	readonly limit: number;
	readonly beforeId: string | undefined;
} {
	const { limit, before } = parse(eventsSchema, query);
	return { limit, beforeId: before };
}

function parse<Output>(schema: z.ZodType<Output>, value: unknown): Output {
	const parsed = schema.safeParse(value);
	if (parsed.success) return parsed.data;
	throw httpProblem("field-invalid", { field: nameField(parsed.error.issues[0]) }, parsed.error);
}

function nameField(issue: z.core.$ZodIssue | undefined): string {
	const name = issue?.code === "unrecognized_keys" ? issue.keys[0] : issue?.path[0];
	return String(name ?? "body").slice(0, 64);
}
