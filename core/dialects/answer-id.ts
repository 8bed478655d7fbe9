/** An id of the surface's own look; one that has it already stays as it is. */
export function toAnswerId(prefix: "chatcmpl-" | "msg_" | "resp_", id: string): string {
	return id.startsWith(prefix) ? id : `${prefix}${id}`;
}
