import { once } from "node:events";
import { flushCompileCache } from "node:module";
import { bootNode } from "../../compose/boot-node.ts";

/**
 * One node of the whole program as a process of its own, booted from its environment as `npm start` does. It says that its code
 * is loaded and waits for a line on its standard input, so that a parent can keep spares; then it says where it listens: one
 * line of JSON each. It ends with its parent, whose end closes the input.
 */
const input = process.stdin;
input.on("end", () => process.exit(0));
process.stdout.write(`${JSON.stringify({ loaded: true })}\n`);
await once(input, "data");
input.resume();

const node = await bootNode(process.env, () => undefined);
process.once("SIGTERM", () => {
	void node.stop().finally(() => process.exit(0));
});
await node.app.telegramReady;
const { host, port } = node.app.address;
// For the nodes after this one: whoever is killed never gets to it. Does nothing without NODE_COMPILE_CACHE.
flushCompileCache();
process.stdout.write(`${JSON.stringify({ ready: true, url: `http://${host}:${port}`, port })}\n`);
