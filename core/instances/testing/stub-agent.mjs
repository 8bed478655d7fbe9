// Stands for an agent in tests: answers its probes, shows what it was given, ends as it is told.
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";

const [port, home] = process.argv.slice(2);
if (port === "mend") process.exit(0);
const startedAt = Date.now();
const upMs = Number(process.env.STUB_UP_MS ?? 0);

function answer(url) {
	if (url.pathname === "/exit") process.exit(Number(url.searchParams.get("code")));
	if (url.pathname === "/read") return readFileSync(`${home}/${url.searchParams.get("path")}`, "utf8");
	if (url.pathname === "/write")
		return writeFileSync(`${home}/${url.searchParams.get("path")}`, "kept") ?? "written";
	if (url.pathname === "/environment") return JSON.stringify(process.env);
	if (url.pathname === "/who") return String(process.getuid?.() ?? "");
	return Date.now() - startedAt < upMs ? undefined : "ok";
}

createServer((request, response) => {
	try {
		const text = answer(new URL(request.url, "http://stub"));
		response.writeHead(text === undefined ? 503 : 200).end(text);
	} catch (error) {
		response.writeHead(500).end(String(error));
	}
}).listen(Number(port), "127.0.0.1", () => console.log(`listening at ${port}`));
process.on("SIGTERM", () => (process.env.STUB_STUBBORN === "yes" ? undefined : process.exit(0)));
