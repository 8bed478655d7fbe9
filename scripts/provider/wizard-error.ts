/** Something the operator can act on: its message is one line and says what to do. No stack is shown. */
export class WizardError extends Error {
	override readonly name = "WizardError";
}
