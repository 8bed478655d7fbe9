import type { FakeChat } from "../../../bots/telegram/testing/fake-chat.ts";
import type { FakeBot, FakeTelegram } from "../../../bots/telegram/testing/fake-telegram.ts";
import { startFakeTelegram } from "../../../bots/telegram/testing/fake-telegram.ts";
import { answerTo, FIRST_CHAT_ID, toQuestion } from "../pipeline/questions.ts";
import { serve } from "../pipeline/serve.ts";

export type CrowdStart = { readonly token: string; readonly chats: number };

export type CrowdCheck = {
	readonly asked: number;
	readonly answeredOnce: number;
	readonly missing: number;
	readonly wrong: number;
	readonly twice: number;
	/** Placeholders that never became anything. */
	readonly orphans: number;
	/** What somebody read in place of his answer. */
	readonly wrongText?: string;
};

let telegram: FakeTelegram | undefined;
let bot: FakeBot | undefined;
let chats: readonly FakeChat[] = [];
let asked = 0;
let bodies: string[] = [];

/** Telegram, and so many people in it. Their updates are kept here until the driver has them: the fake posts none itself. */
async function start({ token, chats: count }: CrowdStart): Promise<{ apiRoot: string }> {
	telegram = await startFakeTelegram({ seed: 1 });
	bot = telegram.addBot({ token });
	const { updates } = bot;
	updates.onPush = ({ updateId, body }) => {
		bodies.push(JSON.stringify(body));
		updates.confirm(updateId);
	};
	const added = bot;
	chats = Array.from({ length: count }, (_, at) =>
		added.privateChat({ id: FIRST_CHAT_ID + at, language_code: "en" }),
	);
	return { apiRoot: telegram.url };
}

/** So many updates, people in turn: nobody writes a second time before everybody has. */
function ask({ count }: { readonly count: number }): readonly string[] {
	bodies = [];
	for (let at = 0; at < count; at += 1) {
		const round = Math.trunc(asked / chats.length);
		chats[asked % chats.length]?.sendText(toQuestion(round));
		asked += 1;
	}
	return bodies;
}

/** Looks through every chat: each question has one answer, the right one, and nothing is left half said. */
function check(): CrowdCheck {
	let wrongText: string | undefined;
	const found = { asked: 0, answeredOnce: 0, missing: 0, wrong: 0, twice: 0, orphans: 0 };
	for (const chat of chats) {
		const said = chat.visibleMessages();
		found.orphans += said.filter(({ text }) => text === "…").length;
		for (const question of chat.messages().filter(({ from }) => !from.is_bot)) {
			found.asked += 1;
			const answers = said.filter(({ replyToMessageId }) => replyToMessageId === question.messageId);
			if (answers.length === 0) found.missing += 1;
			else if (answers.length > 1) found.twice += 1;
			else if (answers[0]?.text === answerTo(question.text)) found.answeredOnce += 1;
			else {
				found.wrong += 1;
				wrongText = answers[0]?.text;
			}
		}
	}
	return { ...found, ...(wrongText !== undefined && { wrongText }) };
}

serve({ start, ask, check }, async () => await telegram?.close());
