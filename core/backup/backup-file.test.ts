import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { keepNewest, toBackupName, toBackupPath, writeNewFile } from "./backup-file.ts";
import { inPieces } from "./testing/in-memory.ts";

let directory: string;
beforeAll(async () => {
	directory = await mkdtemp(join(tmpdir(), "rockpool-backup-"));
});
afterAll(async () => {
	await rm(directory, { recursive: true, force: true });
});

test("a directory gets a name of the day and the second, a file keeps its own", async () => {
	const at = new Date("2026-11-20T18:23:00.123Z");
	expect(await toBackupPath(directory, at)).toBe(join(directory, "rockpool-20261120T182300Z.backup"));
	expect(await toBackupPath("new/", at)).toBe("new/rockpool-20261120T182300Z.backup");
	expect(await toBackupPath(join(directory, "mine"), at)).toBe(join(directory, "mine"));
});

test("a file appears whole, for its owner alone, in a directory that is made for it", async () => {
	const path = join(directory, "deep", "new", "one");
	await writeNewFile(path, async (sink) => {
		await sink(inPieces(Buffer.from("content"), 2));
		expect(await readdir(join(directory, "deep", "new"))).not.toContain("one");
	});
	expect(await readFile(path, "utf8")).toBe("content");
	expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test("a file that is there stays as it is, also when it came meanwhile", async () => {
	const path = join(directory, "taken");
	const write = writeNewFile(path, async (sink) => {
		await sink(inPieces(Buffer.from("new")));
		await writeFile(path, "old");
	});
	await expect(write).rejects.toThrow("replaces no file");
	await expect(writeNewFile(path, async () => undefined)).rejects.toThrow("replaces no file");
	expect(await readFile(path, "utf8")).toBe("old");
	expect((await readdir(directory)).filter((name) => name.startsWith("."))).toEqual([]);
});

test("a backup that fails leaves nothing", async () => {
	const failing = writeNewFile(join(directory, "failed"), async (sink) => {
		await sink(inPieces(Buffer.from("half")));
		throw new Error("no more");
	});
	await expect(failing).rejects.toThrow("no more");
	expect((await readdir(directory)).filter((name) => name.includes("failed"))).toEqual([]);
});

test("the newest stay, the others of our names go, other files are left alone", async () => {
	const home = await mkdtemp(join(directory, "keep-"));
	const names = [1, 2, 3, 4].map((day) => toBackupName(new Date(Date.UTC(2026, 10, day))));
	for (const name of [...names, "notes.txt", "rockpool-mine.backup"]) await writeFile(join(home, name), "x");
	expect(await keepNewest(home, 2)).toEqual(names.slice(0, 2));
	expect(await keepNewest(home, 2)).toEqual([]);
	expect((await readdir(home)).sort()).toEqual(
		[...names.slice(2), "notes.txt", "rockpool-mine.backup"].sort(),
	);
	await keepNewest(home, 0);
	expect(await readdir(home)).toContain(names[3]);
});

test("what a killed backup left goes after days, and one that may be under way stays", async () => {
	const home = await mkdtemp(join(directory, "drafts-"));
	const draft = ".rockpool-20261101T000000Z.backup.0123456789ab";
	await writeFile(join(home, draft), "x");
	expect(await keepNewest(home, 2)).toEqual([]);
	expect(await keepNewest(home, 2, new Date(Date.now() + 3 * 86_400_000))).toEqual([draft]);
	expect(await readdir(home)).toEqual([]);
});
