import type { Knex } from "knex";
import type { LedgerWorld } from "../../core/testing/ledger-world.ts";
import { toLedgerWorld } from "../../core/testing/ledger-world.ts";
import type { ProveOptions, ProveResult } from "./prove-options.ts";
import { createRandom } from "./prove-options.ts";
import type { LedgerMutant } from "./quota/ledger-mutants.ts";
import { breakLedger } from "./quota/ledger-mutants.ts";
import { countDeadlocks } from "./quota/ledger-totals.ts";
import { createProofDatabase } from "./quota/proof-database.ts";
import type { ZoneDays } from "./quota/zone-days.ts";
import { addUp, examineDays, readDayQuery } from "./quota/zone-days.ts";
import type { Hopper, HopperEnd } from "./quota/zone-hoppers.ts";
import { HOPPER_DAILY, liveAs, prepareHoppers, STRATEGIES } from "./quota/zone-hoppers.ts";

export const mutants = ["hop-at-once", "plain-day"] as const satisfies readonly LedgerMutant[];

type Plan = {
	readonly hours: number;
	readonly zonesMax: number;
	readonly lives: number;
	readonly days: number;
};

/** Two years of every zone; lives: how many of each kind of hopper. */
const LONG: Plan = { hours: 731 * 24, zonesMax: Number.POSITIVE_INFINITY, lives: 2, days: 731 };
const SHORT: Plan = { hours: 731 * 24, zonesMax: 8, lives: 1, days: 70 };
/** Midnight comes twice, summer time is half an hour or ends for a month: they are in every selection. */
const HARD = ["America/Havana", "Atlantic/Azores", "Australia/Lord_Howe", "Africa/Casablanca"];
/** The product's pause between two changes, and none: the days alone must do then. */
const PAUSES_DAYS = [30, 0];
const ZONES_A_STATEMENT = 12;
const CONNECTIONS = 2;
const HOUR_MS = 3_600_000;

/**
 * Every hour of two years from the beginning of this year, in every zone the server knows, belongs to exactly one day; and
 * who moves between zones as he likes best has no more than one grant a day.
 */
export async function prove({ seed, mutant, isShort }: ProveOptions): Promise<ProveResult> {
	const world = await toLedgerWorld(await createProofDatabase({ poolMax: CONNECTIONS + 1 }));
	try {
		await breakLedger(world, mutant);
		// What is broken shows at once, and who hops for two years without end keeps the database busy for as long.
		const plan = isShort || mutant !== undefined ? SHORT : LONG;
		const random = createRandom(seed);
		const zones = await listZones(world.db);
		const years = await findYears(world.db, plan.hours);
		const chosen = [...new Set([...HARD, ...shuffle(zones.names, random)])].slice(0, plan.zonesMax);
		const days = await examineAll(world.db, chosen, years);
		const hoppers = await letHop(world, plan, zones.names, years.from, random);
		if (mutant === undefined) for (const one of hoppers.greedy.slice(0, 3)) console.error(one);
		const deadlocks = await countDeadlocks(world.db);
		const figures = {
			...days,
			zones: chosen.length,
			zonesMissing: zones.missing,
			...hoppers.figures,
			deadlocks,
		};
		const isCovered = days.uncovered + days.torn + days.odd + days.differing === 0 && days.asked > 0;
		return { passed: isCovered && zones.missing === 0 && hoppers.passed && deadlocks === 0, figures };
	} finally {
		await world.destroy();
	}
}

/** missing: names the server lists and the ledger does not take, or the other way round. */
async function listZones(db: Knex): Promise<{ readonly names: readonly string[]; readonly missing: number }> {
	const { rows } = await db.raw<{ rows: { name: string; is_known: boolean }[] }>(
		`select coalesce(l.name, s.name) as name, l.name is not null and s.name is not null as is_known
		from ledger_zones l full join (
			select name from pg_timezone_names
			where name !~ '^(posix|right)/' and name not in ('posixrules', 'localtime', 'Factory')
		) s on s.name = l.name
		order by 1`,
	);
	return { names: rows.map(({ name }) => name), missing: rows.filter(({ is_known }) => !is_known).length };
}

async function findYears(db: Knex, hours: number): Promise<{ readonly from: Date; readonly to: Date }> {
	const { rows } = await db.raw<{ rows: { year: Date }[] }>("select date_trunc('year', now()) as year");
	const from = rows[0]?.year ?? new Date(0);
	return { from, to: new Date(from.getTime() + hours * HOUR_MS) };
}

async function examineAll(
	db: Knex,
	zones: readonly string[],
	years: { readonly from: Date; readonly to: Date },
): Promise<ZoneDays> {
	const dayQuery = await readDayQuery(db);
	const parts: (readonly string[])[] = [];
	for (let at = 0; at < zones.length; at += ZONES_A_STATEMENT) {
		parts.push(zones.slice(at, at + ZONES_A_STATEMENT));
	}
	return addUp(
		await inTurns(parts, async (part) => await examineDays(db, dayQuery, { zones: part, ...years })),
	);
}

async function letHop(
	world: LedgerWorld,
	{ lives, days }: Plan,
	zones: readonly string[],
	from: Date,
	random: () => number,
): Promise<ProveResult & { readonly greedy: readonly string[] }> {
	await prepareHoppers(world.db);
	const to = new Date(from.getTime() + days * 24 * HOUR_MS);
	const hoppers: (Hopper & { readonly seed: number })[] = [];
	for (const strategy of STRATEGIES) {
		for (const pauseDays of strategy === "home" ? [30] : PAUSES_DAYS) {
			for (let life = 0; life < lives; life += 1) {
				const zone = zones[Math.trunc(random() * zones.length)] ?? "UTC";
				const accountId = await world.openAccount({ dailyTokens: HOPPER_DAILY, zone });
				hoppers.push({ accountId, strategy, pauseDays, seed: random() });
			}
		}
	}
	const ends = await inTurns(hoppers, async (hopper) => {
		return { hopper, end: await liveAs(world.db, hopper, { zones, from, to, seed: hopper.seed }) };
	});
	const greedy = ends.filter(({ end }) => !isFair(end));
	const violations = (await world.violations()).length;
	const most = (pick: (end: HopperEnd) => number): number => Math.max(...ends.map(({ end }) => pick(end)));
	return {
		passed: greedy.length === 0 && violations === 0,
		greedy: greedy.map(({ hopper, end }) => JSON.stringify({ ...hopper, ...end })),
		figures: {
			hoppers: ends.length,
			hops: ends.reduce((sum, { end }) => sum + end.hops, 0),
			greedy: greedy.length,
			daysLived: days,
			grantsMost: most(({ grants }) => grants),
			violations,
		},
	};
}

/** A grant a day after the first day, of which he has seen only the end; nothing twice, no instant without a day. */
function isFair({ grants, days, torn, short, spent, extra }: HopperEnd): boolean {
	return grants - 1 <= days + 1 && torn === 0 && short === 0 && extra === 0 && spent <= grants;
}

/** As many at a time as there are connections. */
async function inTurns<Item, Result>(
	items: readonly Item[],
	work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
	const results: Result[] = [];
	const left = items.entries();
	async function worker(): Promise<void> {
		for (const [at, item] of left) results[at] = await work(item);
	}
	await Promise.all(Array.from({ length: CONNECTIONS }, worker));
	return results;
}

function shuffle<Item>(items: readonly Item[], random: () => number): readonly Item[] {
	return items
		.map((item) => ({ item, rank: random() }))
		.sort((one, other) => one.rank - other.rank)
		.map(({ item }) => item);
}
