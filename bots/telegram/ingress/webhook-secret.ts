import { createHmac, hash, timingSafeEqual } from "node:crypto";

/** 32 random bytes in base64url are 43 characters; Telegram takes up to 256 (source: design security, S4). */
const SECRET = /^[\w-]{43,256}$/;
const DISTINCT_MIN = 10;

/** @throws Error for a secret that could be guessed, without telling it */
export function assertSecret(secret: string): void {
	if (!SECRET.test(secret)) {
		throw new Error(
			"The Telegram webhook secret must be 43 to 256 characters of A-Z, a-z, 0-9, _ and -. Make one with: node -p \"crypto.randomBytes(32).toString('base64url')\"",
		);
	}
	if (new Set(secret).size < DISTINCT_MIN) {
		throw new Error("The Telegram webhook secret repeats a few characters: make a random one.");
	}
}

/** What one bot is told. Different for each bot, the same on every node, and it does not tell the master secret. */
export function deriveSecret(master: string, botId: string): string {
	return createHmac("sha256", master).update(`secret:${botId}`).digest("base64url");
}

/** Where one bot's updates arrive: hard to guess, the same on every node. */
export function derivePath(master: string, botId: string): string {
	const digest = createHmac("sha256", master).update(`path:${botId}`).digest("base64url");
	return `/telegram/${digest.slice(0, 22)}`;
}

export function toDigest(secret: string): Buffer {
	return hash("sha256", secret, "buffer");
}

/** Compares in the same time whatever was sent. A header sent twice arrives joined by a comma, which no secret has. */
export function isSecretOf(
	digests: readonly Buffer[],
	header: string | readonly string[] | undefined,
): boolean {
	const sent = toDigest(typeof header === "string" ? header : "");
	let isKnown = false;
	for (const digest of digests) isKnown = timingSafeEqual(digest, sent) || isKnown;
	return isKnown && typeof header === "string";
}
