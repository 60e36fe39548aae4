# Sourced by every script here: where things are, and how a script speaks.
set -euo pipefail

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)"
CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/overround"

# One target folder for every clone and every tool, unless the caller has one.
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$CACHE/target}"
case "$CARGO_TARGET_DIR" in /*) ;; *) CARGO_TARGET_DIR="$ROOT/$CARGO_TARGET_DIR" ;; esac

# Tools that set-up built; a version already on PATH comes first if it is the right one.
TOOLS="$CACHE/tools"
export PATH="$TOOLS/bin:$ROOT/tools/node_modules/.bin:$HOME/.cargo/bin:$PATH"

CARGO_LEPTOS_VERSION=0.3.10
NEXTEST_VERSION=0.9.143
WASM_BINDGEN_VERSION="$(awk '/^name = "wasm-bindgen"$/ { getline; gsub(/[^0-9.]/, ""); print; exit }' "$ROOT/Cargo.lock")"

# The built program, its pages' files and the list of their hashes lie side by side.
BUILT="$CARGO_TARGET_DIR/release"

say() { printf '%s\n' "$*"; }
heading() { printf '\n== %s\n' "$*"; }
die() {
	printf 'error: %s\n' "$*" >&2
	exit 1
}

# What building the pages' files and serving them must agree on.
use_site() {
	export LEPTOS_OUTPUT_NAME=overround LEPTOS_SITE_ROOT="$BUILT/site" LEPTOS_HASH_FILES=true
}

find_chromium() {
	local name
	for name in "${OVERROUND_CHROMIUM:-}" chromium chromium-browser google-chrome; do
		[ -n "$name" ] && type -P "$name" && return
	done
	return 1
}

# The folder of PostgreSQL's server programs; the newest where there are several.
postgres_bin() {
	local dir
	for dir in $(ls -dv /usr/lib/postgresql/*/bin 2>/dev/null | tac) "$(dirname "$(command -v pg_ctl || echo /none/pg_ctl)")"; do
		[ -x "$dir/pg_ctl" ] && [ -x "$dir/initdb" ] && echo "$dir" && return
	done
	return 1
}
