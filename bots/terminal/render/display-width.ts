const ZERO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
/** East Asian wide and full-width blocks, and emoji shown as pictures (source: Unicode TR11 and TR51). */
const WIDE =
	/^[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]$|^\p{Emoji_Presentation}$/u;

/** Columns one code point takes: 0, 1 or 2. Joined emoji count each picture, which is what most terminals draw. */
export function widthOf(codePoint: string): 0 | 1 | 2 {
	if (codePoint >= " " && codePoint <= "~") return 1;
	if (ZERO_WIDTH.test(codePoint)) return 0;
	return WIDE.test(codePoint) ? 2 : 1;
}
