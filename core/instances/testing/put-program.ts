import { chmod, copyFile, link } from "node:fs/promises";

/** Puts a program where agents get through: the project may lie where only its owner may look. */
export async function putProgram(from: string, to: string): Promise<void> {
	await link(from, to).catch(async () => await copyFile(from, to));
	await chmod(to, 0o755);
}
