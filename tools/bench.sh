#!/usr/bin/env bash
# Measures: every bench target of the workspace prints ours, limit and ratio; then the size of what a browser loads.
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$ROOT"
tools/build.sh
use_site
OVERROUND_BIN="$BUILT/overround" tools/postgres.sh run cargo bench --workspace --exclude frontend --bench '*' -- "$@"
tools/size.sh
