import { randomUUID } from "node:crypto";

/** Whoever was to tell it something is dead: then it is not waited for longer than this. Seconds. */
const WAIT_SECONDS = 20;
const WATCH = `
(sleep ${WAIT_SECONDS}; kill $$) >/dev/null 2>&1 &
rp_watch=$!
`;

/**
 * The first program of every container: waits for its environment on its standard input and becomes the agent's. What comes
 * that way stands in no configuration of the engine, and so on no disk. Ends with 75 where it does not come whole, and by a
 * signal where it does not come. Arguments: the home, the directory of drafts, the program and its own.
 */
export const LAUNCH = `
umask 077${WATCH}
rm -rf "$2"/* 2>/dev/null
IFS= read -r rp_end || exit 75
rp_all=
while IFS= read -r rp_line; do
	if [ "$rp_line" = "$rp_end" ]; then
		kill "$rp_watch"
		cd "$1" || exit 75
		shift 2
		eval "unset rp_end rp_line rp_watch rp_all
$rp_all"
		exec "$@" </dev/null
	fi
	rp_all="$rp_all$rp_line
"
done
exit 75
`;

/** Waits for a line, and goes on. */
export const AWAIT = `${WATCH}
IFS= read -r rp_go || exit 75
kill "$rp_watch"
`;
export const GO = "go\n";

/**
 * Puts drafts in the places of files, each by one rename. Runs as the agent does and sees what it sees, so that a link of the
 * agent's leads nowhere but into its own container. Arguments: the home, the drafts, and for each its name, its directory and
 * its path.
 */
export const PLACE = `
umask 077
home=$1
drafts=$2
trap 'rm -rf "$drafts"' EXIT
shift 2
while [ $# -gt 0 ]; do
	[ -z "$2" ] || mkdir -p "$home/$2" || exit 1
	mv -fT "$drafts/$1" "$home/$3" || exit 1
	shift 3
done
`;

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,100}$/;

/**
 * What LAUNCH reads: a line nobody can foresee, the variables as a shell takes them, the line again.
 *
 * @throws TypeError for what is no variable; its value is not in the message
 */
export function toFeed(environment: Readonly<Record<string, string>>): string {
	const end = randomUUID();
	const lines = Object.entries(environment).map(([name, value]) => {
		if (!NAME.test(name) || value.includes("\0")) throw new TypeError(`no variable: ${name.slice(0, 80)}`);
		return `export ${name}='${value.replaceAll("'", "'\\''")}'\n`;
	});
	return `${end}\n${lines.join("")}${end}\n`;
}
