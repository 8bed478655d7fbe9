import type { FakeBot } from "../../../bots/telegram/testing/fake-telegram.ts";
import type { Place } from "./canaries.ts";

/** All that people could ever read in their chats: messages with their former texts, files, previews, toasts. */
export function readTelegram(bots: readonly FakeBot[]): readonly Place[] {
	return bots.flatMap((bot) => [
		...bot.chats().map((chat): Place => {
			const said = chat.messages().filter(({ from }) => from.id === bot.id);
			const texts = [
				...said.flatMap(({ history, buttons, document }) => [
					...history,
					JSON.stringify(buttons),
					document?.content,
				]),
				...chat.drafts().flatMap(({ history }) => history),
			];
			return { kind: "texts", name: `chat ${chat.id}`, text: texts.join("\n") };
		}),
		{ kind: "texts", name: `menu of ${bot.id}`, text: JSON.stringify([...bot.commands.values()]) },
	]);
}
