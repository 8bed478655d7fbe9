import { z } from "zod";

/** Characters. */
export const WHY_LENGTH_MAX = 500;

const timeSchema = z.number().int().min(0);
const timesSchema = z.array(timeSchema).max(16);

/** What the reconciler remembers of an instance from one look to the next. Times are milliseconds since 1970. */
export const watchSchema = z.strictObject({
	/** Failures since it was last well for a while: how long the next try waits. */
	fails: z.number().int().min(0).default(0),
	/** Within the last ten minutes, and within the last hour. */
	restarts: timesSchema.default([]),
	recreations: timesSchema.default([]),
	/** Looks in a row at which it did not answer. */
	misses: z.number().int().min(0).default(0),
	/** Undefined: the present cell was not started by us, or its end has been dealt with. */
	startedAt: timeSchema.optional(),
	/** Since when it is ready without a break. */
	readyAt: timeSchema.optional(),
	/** Since when we wait for it to stop, or for its runtime to be there again. */
	stoppingAt: timeSchema.optional(),
	awayAt: timeSchema.optional(),
	/** Since when nothing of it is left. */
	goneAt: timeSchema.optional(),
	/** The generation whose configuration was mended once. */
	mended: z.number().int().min(1).optional(),
	/** Not started before this. */
	notBefore: timeSchema.optional(),
	/** Why it is not as it should be; for its owner's eyes. */
	why: z.string().max(WHY_LENGTH_MAX).optional(),
});

export type Watch = Readonly<z.infer<typeof watchSchema>>;

/** Of an instance nothing is known of yet. */
export const NEW_WATCH: Watch = watchSchema.parse({});
