import { startTestServer } from "./test-server.ts";
import { prepareTemplate } from "./test-template.ts";

/** Runs once before all test files: on the server TEST_DATABASE_URL names, else on an embedded one of this run. */
// biome-ignore lint/style/noDefaultExport: jest calls the default export
export default async function globalSetup(): Promise<void> {
	const serverUrl = process.env["TEST_DATABASE_URL"] ?? (await startTestServer());
	process.env["TEST_DATABASE_URL"] = serverUrl;
	process.env["TEST_DATABASE_TEMPLATE"] = await prepareTemplate(serverUrl);
}
