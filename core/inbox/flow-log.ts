/** What the message flow asks of a log; a pino logger is one. Facts never hold words of a user. */
export type FlowLog = {
	info(facts: object, message: string): void;
	warn(facts: object, message: string): void;
	error(facts: object, message: string): void;
};
