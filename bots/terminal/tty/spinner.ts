export type Spinner = { start(label: string): void; stop(): void };

const FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";
const FRAME_MS = 100;

/** One line that turns until it is taken away again. `frame` makes it dim or leaves it plain. */
export function createSpinner(write: (text: string) => void, frame: (text: string) => string): Spinner {
	let timer: NodeJS.Timeout | undefined;
	let at = 0;
	return {
		start(label) {
			if (timer !== undefined) return;
			const draw = (): void => {
				write(`\r${frame(`${FRAMES.charAt(at % FRAMES.length)} ${label}`)}`);
				at += 1;
			};
			draw();
			timer = setInterval(draw, FRAME_MS);
			timer.unref();
		},
		stop() {
			if (timer === undefined) return;
			clearInterval(timer);
			timer = undefined;
			write("\r\x1b[2K");
		},
	};
}
