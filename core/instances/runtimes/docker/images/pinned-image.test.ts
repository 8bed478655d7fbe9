import { describe, expect, test } from "@jest/globals";
import { parseRelease } from "./pinned-image.ts";

const HEX = "0123456789abcdef".repeat(4);
const REGISTRIES = ["ghcr.io", "localhost:5000"];

describe("a release of containers is an image by digest", () => {
	test.each([
		[`ghcr.io/openclaw/openclaw@sha256:${HEX}`, "ghcr.io"],
		[`localhost:5000/a_b/c-d.e@sha256:${HEX}`, "localhost:5000"],
		[`sha256:${HEX}`, undefined],
	])("%s", (release, registry) => {
		expect(parseRelease(release, REGISTRIES)).toEqual({ reference: release, registry });
	});

	test.each([
		...["", "-v", "openclaw", "ghcr.io/openclaw/openclaw", "ghcr.io/openclaw/openclaw:latest"],
		...[`openclaw/openclaw@sha256:${HEX}`, `ghcr.io/openclaw/openclaw:1@sha256:${HEX}`, "sha256:123"],
		...[`ghcr.io/../x@sha256:${HEX}`, `ghcr.io//x@sha256:${HEX}`, `ghcr.io/X@sha256:${HEX}`],
		...[`ghcr.io/x@sha256:${HEX}0`, `ghcr.io/x@sha256:${HEX}\n`, `ghcr.io/x?y@sha256:${HEX}`],
		...[`http://ghcr.io/x@sha256:${HEX}`, `ghcr.io/${"x".repeat(300)}@sha256:${HEX}`, `SHA256:${HEX}`],
		...[`quay.io/x@sha256:${HEX}`, `169.254.169.254/x@sha256:${HEX}`, `localhost/x@sha256:${HEX}`],
	])("not %j", (release) => {
		expect(() => parseRelease(release, REGISTRIES)).toThrow(TypeError);
	});
});
