import { readFile } from "node:fs/promises";
import { openHeader } from "../../../core/backup/header.ts";
import { checkBackup } from "../../../core/backup/read-backup.ts";
import { openStream } from "../../../core/backup/sealed-stream.ts";
import { inPieces } from "../../../core/backup/testing/in-memory.ts";
import { createKekSource } from "../../../core/secrets/kek-source.ts";
import { readKeyRing } from "../../../core/secrets/key-files.ts";
import { createRandom } from "../prove-options.ts";
import { tamper } from "./tamper.ts";

/**
 * A program of its own, so that a mutant of the opening can be loaded into it: FILE OTHER COUNT SEED. Says as JSON which changed
 * files the seal let through, which the whole reading, and whether the unchanged one opened.
 */
const [path = "", otherPath = "", count = "", seed = ""] = process.argv.slice(2);
const { find } = createKekSource(async () => await readKeyRing(process.env["KEK_FILE"] ?? ""));
const file = await readFile(path);
const sealOpened: string[] = [];
const wholeOpened: string[] = [];
let tried = 0;
for (const { kind, bytes } of tamper(
	file,
	await readFile(otherPath),
	Number(count),
	createRandom(Number(seed)),
)) {
	tried += 1;
	if (await opensSeal(bytes)) sealOpened.push(kind);
	if (await opensWhole(bytes)) wholeOpened.push(kind);
}
const isControlOpen = (await opensSeal(file)) && (await opensWhole(file));
console.log(JSON.stringify({ tried, sealOpened, wholeOpened, isControlOpen }));

async function opensSeal(bytes: Buffer): Promise<boolean> {
	try {
		const { key, rest } = await openHeader(inPieces(bytes), find);
		for await (const _part of openStream(key, rest));
		return true;
	} catch {
		return false;
	}
}

async function opensWhole(bytes: Buffer): Promise<boolean> {
	try {
		await checkBackup(inPieces(bytes), find);
		return true;
	} catch {
		return false;
	}
}
