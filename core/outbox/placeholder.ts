import type { RenderedPart } from "../channels/channel.ts";

/** Stands for an answer until its text is known to be stored. */
export const PLACEHOLDER: RenderedPart = { text: "…", plain: "…" };
