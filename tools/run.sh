#!/usr/bin/env bash
# Builds and starts Overround. LISTEN and DATA_DIR change where; arguments go to `overround serve`.
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$ROOT"
listen="${LISTEN:-127.0.0.1:8080}"
[ -x "$BUILT/overround" ] || say "First build: about a quarter of an hour on two cores. Later ones rebuild what changed."
tools/build.sh
say "" "Overround: http://$listen  (Ctrl-C stops it; data in ${DATA_DIR:-./data})"
use_site
exec "$BUILT/overround" serve --listen "$listen" --data-dir "${DATA_DIR:-./data}" "$@"
