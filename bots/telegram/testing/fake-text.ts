import { badRequest } from "./fake-error.ts";
import type { FakeEntity, FormattedText } from "./fake-html.ts";
import { parseHtml, trimmed } from "./fake-html.ts";
import type { FakeParams } from "./fake-params.ts";
import type { FakeButton } from "./fake-state.ts";

const TEXT_LENGTH_MAX = 4096;
const CAPTION_LENGTH_MAX = 1024;
const BUTTON_DATA_BYTES_MAX = 64;
const BUTTONS_MAX = 100;

/** The `text` of a call after its markup, checked as the real server does. */
export function readText(params: FakeParams, options: { readonly mayBeEmpty?: boolean } = {}): FormattedText {
	const formatted = format(params, params.text("text"), "entities");
	if (formatted.text === "" && options.mayBeEmpty !== true) throw badRequest("message text is empty");
	if (formatted.text.length > TEXT_LENGTH_MAX) throw badRequest("message is too long");
	return formatted;
}

export function readCaption(params: FakeParams): FormattedText {
	const formatted = format(params, params.text("caption"), "caption_entities");
	if (formatted.text.length > CAPTION_LENGTH_MAX) throw badRequest("message caption is too long");
	return formatted;
}

function format(params: FakeParams, raw: string, entitiesName: string): FormattedText {
	if (/[\ud800-\udfff]/.test(raw) && !raw.isWellFormed()) {
		throw badRequest("strings must be encoded in UTF-8");
	}
	const mode = params.text("parse_mode").toLowerCase();
	if (mode === "html") return parseHtml(raw);
	if (mode !== "") throw badRequest("unsupported parse_mode");
	const entities = params.json(entitiesName);
	return trimmed(raw, Array.isArray(entities) ? (entities as readonly FakeEntity[]) : []);
}

/** @throws FakeApiError for what the real server refuses in an inline keyboard */
export function readButtons(params: FakeParams): readonly (readonly FakeButton[])[] | undefined {
	const markup = params.json("reply_markup");
	if (typeof markup !== "object" || markup === null || !("inline_keyboard" in markup)) return undefined;
	const rows = markup.inline_keyboard;
	if (!Array.isArray(rows) || rows.some((row) => !Array.isArray(row))) {
		throw badRequest('can\'t parse inline keyboard: Field "inline_keyboard" must be of type Array');
	}
	const keyboard = (rows as readonly (readonly unknown[])[])
		.map((row) => row.map(readButton))
		.filter((row) => row.length > 0);
	if (keyboard.flat().length > BUTTONS_MAX) throw badRequest("REPLY_MARKUP_TOO_LONG");
	return keyboard.length > 0 ? keyboard : undefined;
}

function readButton(raw: unknown): FakeButton {
	if (typeof raw !== "object" || raw === null) {
		throw badRequest("can't parse inline keyboard button: Object expected");
	}
	const { text, callback_data, url } = raw as Readonly<Record<string, unknown>>;
	if (typeof text !== "string" || text.trim() === "") {
		throw badRequest("can't parse inline keyboard button: Text must be non-empty");
	}
	if (typeof url === "string") return { text, url };
	if (typeof callback_data !== "string") {
		throw badRequest("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard");
	}
	const bytes = Buffer.byteLength(callback_data);
	if (bytes < 1 || bytes > BUTTON_DATA_BYTES_MAX) throw badRequest("BUTTON_DATA_INVALID");
	return { text, callback_data };
}
