export type Request = { readonly call: number; readonly method: string; readonly argument: unknown };
export type Answer = { readonly call: number } & ({ readonly result: unknown } | { readonly error: string });

/** What a program of the bench can be asked to do by its parent; a name without a method is an error of ours. */
export type Methods = Readonly<Record<string, (argument: never) => unknown>>;

/** Answers the parent's calls until the parent goes, however it went; then `end`, then the process ends. */
export function serve(methods: Methods, end: () => Promise<void> | void = () => undefined): void {
	process.on("message", (request: Request) => {
		void answer(methods, request).then((said) => {
			if (process.connected) process.send?.(said);
		});
	});
	process.once("disconnect", () => {
		void Promise.resolve(end()).finally(() => process.exit());
	});
}

async function answer(methods: Methods, { call, method, argument }: Request): Promise<Answer> {
	try {
		const run = methods[method];
		if (run === undefined) throw new Error(`there is no method ${method}`);
		return { call, result: await run(argument as never) };
	} catch (error) {
		return { call, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
	}
}
