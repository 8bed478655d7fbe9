import { prepareTemplate } from "./test-template.ts";

/** Runs once before all test files. */
// biome-ignore lint/style/noDefaultExport: jest calls the default export
export default async function globalSetup(): Promise<void> {
	const serverUrl = process.env["TEST_DATABASE_URL"] ?? "";
	process.env["TEST_DATABASE_TEMPLATE"] = await prepareTemplate(serverUrl);
}
