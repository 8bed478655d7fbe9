// Stands for OpenClaw in tests: takes its arguments, reads its configuration, answers its probes, and asks our gateway for what
// it says. What a message begins with tells it how to behave.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const port = process.argv[process.argv.indexOf("--port") + 1];
const token = process.env.OPENCLAW_GATEWAY_TOKEN;
const config = () => JSON.parse(readFileSync(process.env.OPENCLAW_CONFIG_PATH, "utf8"));

async function read(request) {
	let text = "";
	for await (const piece of request) text += piece;
	return JSON.parse(text);
}

async function think(text) {
	const { baseUrl } = config().models.providers.rockpool;
	const answer = await fetch(`${baseUrl}/chat/completions`, {
		method: "POST",
		headers: { authorization: `Bearer ${process.env.ROCKPOOL_KEY}`, "content-type": "application/json" },
		body: JSON.stringify({ model: "auto", max_tokens: 50, messages: [{ role: "user", content: text }] }),
	});
	if (!answer.ok) throw new Error(`the gateway says ${answer.status}`);
	return (await answer.json()).choices[0].message.content;
}

function toPiece(content, finish = null) {
	const choices = [{ index: 0, delta: { content }, finish_reason: finish }];
	return `data: ${JSON.stringify({ choices })}\n\n`;
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function talk(request, response) {
	if (request.headers.authorization !== `Bearer ${token}`) return response.writeHead(401).end();
	const { model, messages, user } = await read(request);
	const text = messages.at(-1).content;
	if (text.startsWith("refuse")) return response.writeHead(500).end("{}");
	response.writeHead(200, { "content-type": "text/event-stream" });
	if (text.startsWith("slow")) {
		for (let word = 0; word < 200 && !response.destroyed; word += 1) {
			response.write(toPiece(`word${word} `));
			await sleep(100);
		}
		return response.end("data: [DONE]\n\n");
	}
	if (text.startsWith("die")) {
		response.write(toPiece("I was about to"));
		return setTimeout(() => process.exit(1), 200);
	}
	if (text.startsWith("who")) {
		const agents = Object.keys(config().agents.entries).join();
		response.write(toPiece(JSON.stringify({ model, user, agents, uid: process.getuid?.() })));
	} else response.write(toPiece(`claw: ${await think(text)}`));
	response.end(`${toPiece("", "stop")}data: [DONE]\n\n`);
}

const server = createServer((request, response) => {
	if (request.url !== "/v1/chat/completions") return response.writeHead(200).end("ok");
	talk(request, response).catch((error) => response.destroy(error));
});
const host = process.argv[process.argv.indexOf("--bind") + 1] === "lan" ? "0.0.0.0" : "127.0.0.1";
server.listen(Number(port), host, () => {
	console.log("the stub is up");
	// What a careless program may write.
	console.log(`trusted with ${token} and ${process.env.ROCKPOOL_KEY} at ${process.env.HOME}`);
});
process.on("SIGTERM", () => process.exit(0));
