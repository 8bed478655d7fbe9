// Plain JavaScript that runs on Node 20: it comes before everything, also before the Node 24 that it installs.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const lockFile = join(root, ".data", "install.lock");
/** Tests need the development packages, a server that was installed without them does not. */
const withDev = process.argv.includes("--with-dev");
const WAIT_MAX_MS = 600_000;

function readPackages(...path) {
	try {
		return JSON.parse(readFileSync(join(root, ...path), "utf8")).packages ?? {};
	} catch {
		return {};
	}
}

/** What npm wrote down after the last install has all that the lock file asks for. Optional packages are those of other platforms. */
function isInstalled() {
	const wanted = readPackages("package-lock.json");
	const present = readPackages("node_modules", ".package-lock.json");
	for (const [path, entry] of Object.entries(wanted)) {
		if (path === "") continue;
		const found = present[path];
		if (found === undefined) {
			if (entry.optional || entry.devOptional || (entry.dev && !withDev)) continue;
			return false;
		}
		if (found.version !== entry.version || found.integrity !== entry.integrity) return false;
	}
	// made by an install script, so it is missing when those were switched off
	return existsSync(
		join(root, "node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node"),
	);
}

/** True when we hold it. A holder that died leaves its process id behind, or nothing when it died at once. */
function takeLock() {
	mkdirSync(dirname(lockFile), { recursive: true });
	try {
		writeFileSync(lockFile, String(process.pid), { flag: "wx" });
		return true;
	} catch {
		if (isStale()) rmSync(lockFile, { force: true });
		return false;
	}
}

function isStale() {
	try {
		const holder = Number(readFileSync(lockFile, "utf8"));
		if (holder === 0) return Date.now() - statSync(lockFile).mtimeMs > 5_000;
		process.kill(holder, 0);
		return false;
	} catch (error) {
		return error.code === "ESRCH";
	}
}

/**
 * Install scripts of packages have no use for keys of model vendors. By the shape of the name, since this runs before
 * core/config/clean-environment.ts can be loaded.
 */
function withoutKeys(env) {
	const isKey = (name) => /(_API_KEY(_OLD)?|^AWS_SECRET_ACCESS_KEY)(_FILE)?$/i.test(name);
	return Object.fromEntries(Object.entries(env).filter(([name]) => !isKey(name)));
}

function install() {
	// npm names itself and its Node to scripts. Ours may be the one in node_modules, which npm ci removes first.
	const { npm_execpath: npm, npm_node_execpath: node } = process.env;
	const [command, first] = npm === undefined ? ["npm", []] : [node ?? process.execPath, [npm]];
	const args = [
		...first,
		"ci",
		"--no-audit",
		"--no-fund",
		"--no-progress",
		"--loglevel=error",
		"--prefer-offline",
	];
	args.push("--ignore-scripts=false", ...(withDev ? ["--include=dev"] : []));
	// Nobody but the program itself may read the input, and only the program may write output.
	const child = spawn(command, args, { cwd: root, env: withoutKeys(process.env), stdio: ["ignore", 2, 2] });
	return new Promise((resolve, reject) => {
		child.once("error", reject);
		child.once("exit", (code, signal) => {
			if (code === 0) resolve();
			else reject(new Error(`npm ci ended with ${signal ?? code}`));
		});
	});
}

async function main() {
	const startedAt = Date.now();
	let isTold = false;
	while (!isInstalled()) {
		if (!takeLock()) {
			if (!isTold) process.stderr.write("rockpool: another process is installing packages, waiting for it\n");
			isTold = true;
			if (Date.now() - startedAt > WAIT_MAX_MS) throw new Error(`${lockFile} is held for too long`);
			await new Promise((resolve) => setTimeout(resolve, 500));
			continue;
		}
		try {
			process.stderr.write("rockpool: installing packages, once, for about a minute ...\n");
			await install();
			if (!isInstalled()) throw new Error("npm ci succeeded, but packages are missing");
			process.stderr.write(`rockpool: installed in ${Math.round((Date.now() - startedAt) / 1000)} s\n`);
		} finally {
			rmSync(lockFile, { force: true });
		}
	}
}

main().catch((error) => {
	process.stderr.write(`rockpool: packages could not be installed: ${error.message}\n`);
	process.stderr.write("rockpool: is the npm registry reachable? Run 'npm ci' to see everything it says.\n");
	process.exitCode = 1;
});
