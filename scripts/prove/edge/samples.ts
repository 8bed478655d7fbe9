import type { Desk } from "./desk.ts";

type Fields = Readonly<Record<string, unknown>>;

/** A private message as Telegram posts it, with other fields over the usual ones. */
export function toMessage(userId: number, fields: Fields = {}): Fields {
	return {
		message_id: 1,
		date: 1_795_000_000,
		chat: { id: userId, type: "private", first_name: "Ann" },
		from: { id: userId, is_bot: false, first_name: "Ann", language_code: "en" },
		text: "hello",
		...fields,
	};
}

export function toUpdate(
	desk: Pick<Desk, "nextId">,
	fields: Fields,
): Fields & { readonly update_id: number } {
	return { update_id: desk.nextId(), ...fields };
}

export type StoredEvent = {
	readonly id: string;
	readonly event_id: string;
	readonly status: string;
	readonly body: Fields;
	readonly lane: string;
	readonly result: { readonly replies?: readonly unknown[]; readonly error?: unknown } | null;
};

/** What is stored of the events of an id. */
export async function findEvents(
	{ world }: Pick<Desk, "world">,
	eventId: number | string,
): Promise<readonly StoredEvent[]> {
	return await world
		.db<StoredEvent>("inbox")
		.where("event_id", String(eventId))
		.orWhereLike("event_id", `conflict:${eventId}:%`)
		.orderBy("id")
		.select();
}

export async function countRows({ world }: Pick<Desk, "world">, table: string): Promise<number> {
	const [row] = await world.db(table).count<{ count: string }[]>();
	return Number(row?.count);
}
