import { describe, expect, test } from "@jest/globals";
import { createDeltaFeed } from "./delta-feed.ts";

function createSink() {
	const sent: { event: string; data: unknown }[] = [];
	const state = { isWritable: true };
	return {
		sent,
		state,
		send: (event: string, data: unknown) => void sent.push({ event, data }),
		isWritable: () => state.isWritable,
		text: () => sent.map((it) => (it.data as { text?: string }).text ?? "").join(""),
	};
}

describe("the delta feed", () => {
	test("sends only what is new", () => {
		const sink = createSink();
		const feed = createDeltaFeed(sink);
		feed.offer("ab");
		feed.offer("ab");
		feed.offer("abc");
		expect(sink.sent.map((it) => it.data)).toEqual([{ text: "ab" }, { text: "c" }]);
	});

	test("keeps surrogate pairs whole", () => {
		const sink = createSink();
		const feed = createDeltaFeed(sink);
		feed.offer("a\ud83d");
		feed.offer("a😀");
		expect(sink.sent.map((it) => it.data)).toEqual([{ text: "a" }, { text: "😀" }]);
	});

	test("keeps only the newest text while the client is slow", () => {
		const sink = createSink();
		const feed = createDeltaFeed(sink);
		feed.offer("a");
		sink.state.isWritable = false;
		feed.offer("ab");
		feed.offer("abc");
		expect(sink.sent).toHaveLength(1);
		sink.state.isWritable = true;
		feed.flush();
		expect(sink.text()).toBe("abc");
		expect(sink.sent).toHaveLength(2);
	});

	test("completes the text at the end even for a slow client", () => {
		const sink = createSink();
		const feed = createDeltaFeed(sink);
		sink.state.isWritable = false;
		feed.offer("abc");
		feed.finish("abcdef");
		expect(sink.text()).toBe("abcdef");
	});

	test("adds nothing when the stored answer is another text: done carries it", () => {
		const sink = createSink();
		const feed = createDeltaFeed(sink);
		feed.offer("abc");
		feed.finish("xyz");
		expect(sink.text()).toBe("abc");
	});
});
