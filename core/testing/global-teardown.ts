import { stopTestServer } from "./test-server.ts";

/** Runs once after all test files. */
// biome-ignore lint/style/noDefaultExport: jest calls the default export
export default async function globalTeardown(): Promise<void> {
	await stopTestServer();
}
