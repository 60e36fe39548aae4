#!/usr/bin/env bash
# Does by hand, in a clean folder, what the Dockerfile does, for machines without a container engine: what is committed is
# unpacked, built from nothing and packaged; then the package alone runs as another user, with an empty environment and a
# data folder that only that user can write, until the health check answers and it ends in peace.
# Differences: this machine's compiler and C library instead of the images', and the tools that are already installed.
# Needs root, to become the other user. QUICK=1 keeps the caller's target folder instead of building from nothing.
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
[ "$(id -u)" = 0 ] || die "run this as root: the server is started as another user"
cd "$ROOT"

work="$(mktemp -d /tmp/overround-image.XXXXXX)"
chmod 755 "$work"
server=
cleanup() {
	[ -z "$server" ] || kill -KILL "$server" 2>/dev/null || true
	rm -rf "$work"
}
trap cleanup EXIT

heading "COPY . . (what git has at HEAD, less .dockerignore)"
mkdir "$work/src"
git archive HEAD | tar -x -C "$work/src"
rm -rf "$work/src/.ci" "$work/src/Dockerfile" "$work/src/compose.yaml"

[ -n "${QUICK:-}" ] || export CARGO_TARGET_DIR="$work/target"
heading "RUN tools/setup.sh run"
(cd "$work/src" && tools/setup.sh run)
heading "RUN tools/build.sh && tools/package.sh"
(cd "$work/src" && tools/build.sh && tools/package.sh "$work/opt/overround")
ls -l "$work/opt/overround"

heading "USER overround, CMD overround serve, with only the image's environment"
install -d -o nobody -m 700 "$work/data"
port=$((20000 + RANDOM % 12000))
as_nobody=(setpriv --reuid nobody --regid "$(id -g nobody)" --clear-groups --no-new-privs
	env -i PATH="$work/opt/overround:/usr/bin:/bin" LEPTOS_OUTPUT_NAME=overround LEPTOS_SITE_ROOT="$work/opt/overround/site" LEPTOS_HASH_FILES=true)
cd "$work/data"
"${as_nobody[@]}" overround serve --listen "0.0.0.0:$port" --data-dir "$work/data" >"$work/log" 2>&1 &
server=$!

heading "HEALTHCHECK healthcheck $port"
for try in $(seq 120); do
	kill -0 "$server" 2>/dev/null || { cat "$work/log"; die "the server ended"; }
	if "${as_nobody[@]}" healthcheck "$port" 2>/dev/null; then break; fi
	[ "$try" != 120 ] || { cat "$work/log"; die "the server did not answer within 60 s"; }
	sleep 0.5
done
say "answers after about $((try / 2)) s"
[ "$(stat -c %U "$work/data"/* | sort -u)" = nobody ] || die "the data folder holds files of another user"

heading "docker stop (SIGTERM)"
kill -TERM "$server"
code=0
wait "$server" || code=$?
server=
[ "$code" = 0 ] || { cat "$work/log"; die "the server ended with $code instead of 0"; }
say "ended with 0"
