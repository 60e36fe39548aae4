#!/usr/bin/env bash
# A throw-away PostgreSQL for tests: a server of our own in a temporary folder, on a random loopback port, for one user
# who may do everything (create databases, and the extension `hstore` that the job queue needs). It keeps `fsync` on,
# as a real one does.
#   postgres.sh run COMMAND...   starts it, runs the command with OVERROUND_TEST_POSTGRES set, and removes it
#   postgres.sh start|url|stop   the same by hand
# With OVERROUND_TEST_POSTGRES already set, `run` uses that server and starts none.
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

# Where the server of this clone lies, for `url` and `stop`. `run` keeps its own, so that two runs don't meet.
state="${OVERROUND_POSTGRES_STATE:-$ROOT/.tools/postgres}"

# PostgreSQL refuses to run as root.
as_owner() {
	if [ "$(id -u)" = 0 ]; then
		(cd / && setpriv --reuid "$owner" --regid "$(id -g "$owner")" --clear-groups env HOME=/ "$@")
	else
		"$@"
	fi
}

owner="$(id -un)"
if [ "$owner" = root ]; then
	owner=nobody
	! id postgres >/dev/null 2>&1 || owner=postgres
fi

free_port() {
	local port
	while :; do
		port=$((20000 + RANDOM % 12000))
		(: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
	done
	echo "$port"
}

start() {
	local bin dir port try
	bin="$(postgres_bin)" || die "PostgreSQL's server programs are not installed; run: tools/setup.sh test"
	stop
	dir="$(mktemp -d /tmp/overround-postgres.XXXXXX)"
	mkdir -p "$(dirname "$state")"
	printf '%s\n' "$dir" >"$state"
	[ "$(id -u)" != 0 ] || chown "$owner" "$dir"
	as_owner "$bin/initdb" --pgdata "$dir/data" --username overround --auth trust --encoding UTF8 --locale C \
		--no-sync >"$dir/initdb.log" 2>&1 || die "initdb failed: $(tail -n 3 "$dir/initdb.log")"
	cat >>"$dir/data/postgresql.conf" <<-CONF
		listen_addresses = '127.0.0.1'
		unix_socket_directories = '$dir'
		max_connections = 200
		shared_buffers = 128MB
		timezone = 'UTC'
	CONF
	# Another program may take the port between the look and the start.
	for try in 1 2 3 4 5; do
		port="$(free_port)"
		if as_owner "$bin/pg_ctl" start --silent --wait --pgdata "$dir/data" --log "$dir/log" --options "-p $port" >/dev/null 2>&1; then
			as_owner "$bin/createdb" --host "$dir" --port "$port" --username overround overround
			printf '%s\n%s\n' "$dir" "$port" >"$state"
			return
		fi
	done
	die "PostgreSQL did not start: $(tail -n 3 "$dir/log")"
}

stop() {
	local dir
	[ -f "$state" ] || return 0
	dir="$(head -n 1 "$state")"
	if [ -d "$dir/data" ]; then
		as_owner "$(postgres_bin)/pg_ctl" stop --silent --mode immediate --pgdata "$dir/data" >/dev/null 2>&1 || true
	fi
	case "$dir" in /tmp/overround-postgres.*) rm -rf "$dir" ;; esac
	rm -f "$state"
}

url() {
	[ -f "$state" ] || die "no PostgreSQL of ours is running; start one with: tools/postgres.sh start"
	printf 'postgres://overround@127.0.0.1:%s/overround\n' "$(sed -n 2p "$state")"
}

case "${1:-}" in
start) start && url ;;
stop) stop ;;
url) url ;;
run)
	shift
	[ -z "${OVERROUND_TEST_POSTGRES:-}" ] || exec "$@"
	state="$(mktemp)"
	rm "$state"
	trap stop EXIT
	trap 'exit 130' INT TERM
	start
	OVERROUND_TEST_POSTGRES="$(url)" "$@"
	;;
*) die "usage: tools/postgres.sh run COMMAND... | start | url | stop" ;;
esac
