#!/bin/sh
# Stands for an agent in tests: answers its probes, shows what it was given, ends as it is told.
if [ "$1" = mend ]; then
	echo mended >>"$HOME/mended"
	sleep "${STUB_MEND_SECONDS:-0}"
	exit 0
fi
echo begun >>"$2/lives"
env >/tmp/environment
echo "$2" >/tmp/home
mkfifo /tmp/end
if [ "${STUB_STUBBORN:-}" = yes ]; then trap '' TERM; else trap 'exit 0' TERM; fi
httpd -f -p "$1" -h /srv &
echo "listening at $1"
[ "${STUB_TALKATIVE:-}" = yes ] && yes "$(printf '%099d' 0 | tr 0 x)" | head -n 20000 && echo "said all"
if [ "${STUB_GREEDY:-}" = yes ]; then
	sleep 2
	# All of it in one process, which is the one that is ended.
	exec dd if=/dev/zero of=/dev/null bs=512M
fi
# Held open for both, so that whoever is told to end need not wait for a reader.
exec 3<>/tmp/end
read -r code <&3
exit "$code"
