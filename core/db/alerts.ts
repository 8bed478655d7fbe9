import type { Knex } from "knex";
import type { Finding } from "../instances/monitor/judge.ts";
import type { Language, Platform } from "../pipeline/message.ts";

/** Something those who run the installation should hear of. */
export type Alert = {
	readonly id: string;
	readonly kind: string;
	readonly instanceId: string | undefined;
	readonly accountId: string | undefined;
	/** In the unit of its kind. */
	readonly figure: number | undefined;
	/** What the machine said; for those who run it alone. */
	readonly why: string | undefined;
	readonly openedAt: Date;
};

/** Something that happened to an instance and was told to nobody yet. */
export type UntoldEvent = {
	readonly eventId: string;
	readonly kind: string;
	readonly instanceId: string;
	readonly accountId: string | undefined;
	readonly language: Language | undefined;
	readonly inDeploy: boolean;
	readonly why: string | undefined;
};

export type StaffChat = {
	readonly platform: Platform;
	readonly botId: string;
	readonly userId: string;
	readonly language: Language;
};

/** One that comes back so soon after its end is the same one. */
const AGAIN = "1 hour";
const KEPT = "90 days";

/** Opens what was found and is not open, closes what was not found again. */
export async function syncFindings(db: Knex, findings: readonly Finding[]): Promise<void> {
	const json = JSON.stringify(findings);
	await db.raw(
		`with found as (
			select * from jsonb_to_recordset(?::jsonb) x ("instanceId" uuid, kind text, figure double precision)
		), closed as (
			update alerts a set closed_at = clock_timestamp()
			where a.closed_at is null and a.event_id is null and a.kind in ('cpu', 'memory', 'errors', 'memory-slope')
				and not exists (select from found f where f."instanceId" = a.instance_id and f.kind = a.kind)
		), again as (
			update alerts a set closed_at = null, figure = f.figure
			from found f
			where a.id = (
				select l.id from alerts l where l.instance_id = f."instanceId" and l.kind = f.kind and l.event_id is null
				order by l.id desc limit 1
			) and a.closed_at > clock_timestamp() - ?::interval
			returning a.instance_id, a.kind
		)
		insert into alerts (kind, instance_id, figure)
		select f.kind, f."instanceId", f.figure from found f join instances i on i.id = f."instanceId"
		where not exists (select from again g where g.instance_id = f."instanceId" and g.kind = f.kind)
		on conflict (instance_id, kind) where closed_at is null and event_id is null do nothing`,
		[json, AGAIN],
	);
}

/** The oldest first. */
export async function listUntoldEvents(db: Knex, limit: number): Promise<readonly UntoldEvent[]> {
	const { rows } = await db.raw<{ rows: EventRow[] }>(
		`select e.id, e.kind, e.instance_id, e.in_deploy, e.why, i.account_id, a.language
		from instance_events e join instances i on i.id = e.instance_id left join accounts a on a.id = i.account_id
		where e.told_at is null and e.kind in ('failed', 'crashloop', 'name-taken') order by e.id limit ?`,
		[limit],
	);
	return rows.map((row) => ({
		eventId: row.id,
		kind: row.kind,
		instanceId: row.instance_id,
		accountId: row.account_id ?? undefined,
		language: row.language ?? undefined,
		inDeploy: row.in_deploy,
		why: row.why ?? undefined,
	}));
}

/** It is told: an alert stands for it from now on. Twice is as once. */
export async function noteEventTold(db: Knex, { eventId, kind, instanceId }: UntoldEvent): Promise<void> {
	await db.raw(
		`with told as (update instance_events set told_at = clock_timestamp() where id = :eventId::bigint)
		insert into alerts (kind, instance_id, event_id, closed_at)
		values (:kind, :instanceId::uuid, :eventId::bigint, clock_timestamp()) on conflict (event_id) do nothing`,
		{ eventId, kind: `instance-${kind}`, instanceId },
	);
}

/** Those no chat was told of, the oldest first. */
export async function listAlertsForChats(db: Knex, limit: number): Promise<readonly Alert[]> {
	const { rows } = await db.raw<{ rows: AlertRow[] }>(
		`select ${ALERT} where a.chats_told_at is null order by a.id limit ?`,
		[limit],
	);
	return rows.map(toAlert);
}

export async function noteChatsTold(db: Knex, alertId: string): Promise<void> {
	await db.raw("update alerts set chats_told_at = clock_timestamp() where id = ?::bigint", [alertId]);
}

/** Takes alerts to be posted; what is not noted as posted comes again after a while that doubles, and at last no more. */
export async function claimAlertsForHook(
	db: Knex,
	{ limit, attemptsMax }: { readonly limit: number; readonly attemptsMax: number },
): Promise<readonly Alert[]> {
	const { rows } = await db.raw<{ rows: AlertRow[] }>(
		`with due as (
			select id from alerts
			where hook_told_at is null and hook_next_at <= clock_timestamp() and hook_attempts < ?
				and opened_at > clock_timestamp() - interval '1 day'
			order by hook_next_at limit ? for update skip locked
		), taken as (
			update alerts set hook_attempts = hook_attempts + 1,
				hook_next_at = clock_timestamp() + least(3600, 30 * 2 ^ hook_attempts) * interval '1 second'
			where id in (select id from due) returning id
		)
		select ${ALERT} where a.id in (select id from taken) order by a.id`,
		[attemptsMax, limit],
	);
	return rows.map(toAlert);
}

export async function noteHookTold(db: Knex, alertId: string): Promise<void> {
	await db.raw("update alerts set hook_told_at = clock_timestamp() where id = ?::bigint", [alertId]);
}

/** Private chats of the staff. */
export async function listStaffChats(db: Knex): Promise<readonly StaffChat[]> {
	const { rows } = await db.raw<{
		rows: { platform: Platform; bot_id: string; user_id: string; language: Language | null }[];
	}>(
		`select s.platform, s.bot_id, s.user_id, a.language from senders s left join accounts a on a.id = s.account_id
		where s.is_staff and s.reachable and s.platform not in ('http', 'terminal')
		order by s.platform, s.bot_id, s.user_id`,
	);
	return rows.map(({ platform, bot_id: botId, user_id: userId, language }) => ({
		...{ platform, botId, userId },
		language: language ?? "en",
	}));
}

/** @returns how many went */
export async function deleteOldAlerts(db: Knex): Promise<number> {
	const { rowCount } = await db.raw<{ rowCount: number }>(
		"delete from alerts where closed_at < clock_timestamp() - ?::interval",
		[KEPT],
	);
	return rowCount;
}

const ALERT = `a.id, a.kind, a.instance_id, a.figure, a.opened_at, i.account_id, e.why
	from alerts a left join instances i on i.id = a.instance_id left join instance_events e on e.id = a.event_id`;

type EventRow = {
	readonly id: string;
	readonly kind: string;
	readonly instance_id: string;
	readonly in_deploy: boolean;
	readonly why: string | null;
	readonly account_id: string | null;
	readonly language: Language | null;
};

type AlertRow = {
	readonly id: string;
	readonly kind: string;
	readonly instance_id: string | null;
	readonly figure: number | null;
	readonly opened_at: Date;
	readonly account_id: string | null;
	readonly why: string | null;
};

function toAlert(row: AlertRow): Alert {
	return {
		id: row.id,
		kind: row.kind,
		instanceId: row.instance_id ?? undefined,
		accountId: row.account_id ?? undefined,
		figure: row.figure ?? undefined,
		why: row.why ?? undefined,
		openedAt: row.opened_at,
	};
}
