/** Waits until the condition holds; for what another party does in its own time. @throws Error after `limitMs`. */
export async function eventually(
	condition: () => boolean | Promise<boolean>,
	limitMs = 15_000,
): Promise<void> {
	const end = performance.now() + limitMs;
	while (!(await condition())) {
		if (performance.now() > end) throw new Error(`still not so after ${limitMs} ms: ${condition}`);
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
}
