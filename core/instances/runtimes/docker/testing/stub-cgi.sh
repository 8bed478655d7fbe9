#!/bin/sh
# What the stub is asked over HTTP, by the name it is called with.
home=$(cat /tmp/home)
ok() { printf 'Content-Type: text/plain\r\n\r\n'; }
case "${0##*/}" in
read)
	[ -f "$home/$QUERY_STRING" ] || { printf 'Status: 404 Missing\r\n\r\n'; exit 0; }
	ok
	cat "$home/$QUERY_STRING"
	;;
write) ok && printf kept >"$home/$QUERY_STRING" ;;
environment) ok && cat /tmp/environment ;;
end) ok && echo "$QUERY_STRING" >/tmp/end ;;
shell) ok && head -c "$CONTENT_LENGTH" | sh 2>&1 ;;
esac
