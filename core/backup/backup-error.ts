/** A backup or a restore that was not done; its message is for the operator and holds nothing of the content. */
export class BackupError extends Error {
	override readonly name = "BackupError";
}
