/**
 * Where a process may die (source: failure cases of the message flow), in the order of one message. The proofs kill a node at
 * each of them.
 */
export type CrashPoint =
	| "before-accept-commit"
	| "after-accept-commit"
	| "after-acknowledge"
	| "after-claim"
	| "after-reserve"
	| "during-provider"
	| "before-checkpoint"
	| "after-checkpoint"
	| "after-ph-sending"
	| "after-send"
	| "after-message-id"
	| "after-edit"
	| "after-done"
	// And of an instance that is made.
	| "instance-stored"
	| "instance-follow-stored"
	| "instance-before-create"
	| "instance-after-create"
	| "instance-after-configure"
	| "instance-begun"
	| "instance-after-start"
	| "instance-before-up";

/** "name" dies at the first passage, "name:3" at the third. */
const [crashAt, passage = "1"] = (process.env["CRASH_AT"] ?? "").split(":");
/** True only under test, with CRASH_AT set. */
export const isCrashArmed = process.env["NODE_ENV"] === "test" && crashAt !== "";
let passagesLeft = Number(passage);

/** Does nothing, unless NODE_ENV is "test" and CRASH_AT names this point: then the process kills itself at once. */
export function crashPoint(name: CrashPoint): void {
	if (!isCrashArmed || name !== crashAt) return;
	passagesLeft -= 1;
	if (passagesLeft > 0) return;
	process.kill(process.pid, "SIGKILL");
	// The signal arrives a moment later; nothing may be done until then.
	for (;;);
}

/** crashPoint a moment later: for what happens after a promise was resolved, outside of our code. */
export function crashSoon(name: CrashPoint, delayMs: number): void {
	if (isCrashArmed && name === crashAt) setTimeout(() => crashPoint(name), delayMs).unref();
}
