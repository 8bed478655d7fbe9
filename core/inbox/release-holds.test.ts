import { expect, test } from "@jest/globals";
import { openAccount } from "../ledger/accounts.ts";
import { createLedger } from "../ledger/create-ledger.ts";
import { MICRO } from "../ledger/ledger.ts";
import type { Turn, TurnOutcome } from "../pipeline/turn.ts";
import { createFakeChannel } from "../testing/fake-channel.ts";
import { toAnswer } from "../testing/message-flow.ts";
import { useMessageFlow } from "../testing/use-message-flow.ts";

const flow = useMessageFlow();

test("an answer that cannot be stored holds no quota: the next attempt has all of it", async () => {
	const rows = (await flow.db("accounts").insert({}).returning("id")) as { id: string }[];
	const accountId = rows[0]?.id ?? "";
	await openAccount(flow.db, { accountId, zone: "UTC", dailyTokens: 1_000 });
	const ledger = createLedger({ db: flow.db });
	const held: string[] = [];

	async function handle({ attempt }: Turn): Promise<TurnOutcome> {
		const reservationId = crypto.randomUUID();
		const amount = 900 * MICRO;
		const reservation = {
			reservationId,
			accountId,
			minimumMicro: amount,
			wantedMicro: amount,
			ttlMs: 60_000,
		};
		held.push((await ledger.reserve(reservation)).kind);
		const settlements = [{ reservationId, actualMicro: 5 * MICRO }];
		// No row of the dialogue is that far.
		const expectedVersion = attempt === 1 ? 9 : 0;
		const dialogue = {
			platform: "telegram",
			botId: "7",
			userId: "1",
			kind: "any",
			expectedVersion,
			state: {},
		};
		return { ...toAnswer("ok"), settlements, dialogues: [dialogue] };
	}

	const channel = createFakeChannel();
	const node = flow.start({ channel, ledger, handle });
	await node.accept({ chatId: "1", text: "hi" });
	await flow.settle();
	expect(held).toEqual(["reserved", "reserved"]);
	expect(channel.visible("1")).toEqual(["<p>ok</p>"]);
	expect(await ledger.balance(accountId)).toMatchObject({ postedMicro: 5 * MICRO, pendingMicro: 0 });
});
