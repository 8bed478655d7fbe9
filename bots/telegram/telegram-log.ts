/** What the channel says to the operator; a pino logger is one. Facts never hold a token or words of a user. */
export type TelegramLog = {
	info(facts: object, message: string): void;
	warn(facts: object, message: string): void;
	error(facts: object, message: string): void;
};
