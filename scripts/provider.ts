import { runProvider } from "./provider/run-provider.ts";

/** `npm run provider -- add|list|test|remove|rollback|proxy-compose`: model providers from the command line; --help lists all. */
process.exitCode = await runProvider(
	process.argv.slice(2),
	{
		env: process.env,
		folder: process.cwd(),
		streams: { input: process.stdin, output: process.stdout, prompts: process.stderr },
	},
	process.stderr,
);
