import type { Knex } from "knex";

/** Where cells of a host find our gateway, as it was said last; undefined: nobody has said it yet. */
export async function findGatewayUrl(db: Knex, host: string): Promise<string | undefined> {
	const { rows } = await db.raw<{ rows: { readonly gateway_url: string }[] }>(
		"select gateway_url from instance_hosts where host = ?",
		[host],
	);
	return rows[0]?.gateway_url;
}

/** Says where it is from now on. Where that is another place, the files of all instances there are written again. */
export async function setGatewayUrl(db: Knex, host: string, url: string): Promise<void> {
	await db.raw(
		`with said as (
			insert into instance_hosts as h (host, gateway_url) values (:host, :url)
			on conflict (host) do update set gateway_url = excluded.gateway_url, changed_at = clock_timestamp()
			where h.gateway_url <> excluded.gateway_url returning 1
		)
		update instances set config_version = config_version + 1, wish = wish + 1, next_at = clock_timestamp()
		where host = :host and desired <> 'deleted' and exists (select 1 from said)`,
		{ host, url },
	);
}
