#!/usr/bin/env bash
# Runs the suites in order and stops at the first that fails. With names, only those:
#   tools/test.sh store feeds
# Every Rust test belongs to exactly one suite (`unit` is whatever no other claims), and a suite that finds no test fails.
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$ROOT"

suites=(lint unit docs store feeds pages api crash browser)

declare -A about=(
	[lint]="formatting, clippy without a warning"
	[unit]="unit and property tests of the pure crates"
	[docs]="the examples in the documentation"
	[store]="store and migrations, on SQLite and PostgreSQL"
	[feeds]="parsing, requests, conformance"
	[pages]="pages rendered on the server"
	[api]="server in process: JSON API, accounts, pipeline, jobs, command line"
	[crash]="the program killed during ingest, while betting and while serving, on both databases"
	[browser]="the built program in Chromium, with and without WASM"
)

# Which tests a suite owns: by package, or by the name of a test binary of the server, such as server/tests/crash.rs.
# Where there is no such binary yet, the suite owns nothing (nextest refuses a filter that can't match).
binaries() { if compgen -G "server/tests/$1*" >/dev/null; then echo "package(server) & binary(/^$1/)"; else echo "none()"; fi; }
store='package(store) | package(migrations)'
feeds='package(feeds)'
pages="package(app) | ($(binaries pages))"
crash="$(binaries crash)"
api="package(server) & not (($pages) | ($crash))"
unit="not (($store) | ($feeds) | ($pages) | ($crash) | ($api))"

# rust FILTER [options]
rust() { cargo nextest run --workspace --exclude frontend --no-tests fail --filterset "$@"; }

run_suite() {
	case "$1" in
	lint) tools/lint.sh ;;
	docs) cargo test --workspace --exclude frontend --doc ;;
	# What a bet pays is reckoned a second time in another language, where Python is there.
	unit) rust "$unit" && { ! command -v python3 >/dev/null || tools/check_settlement.py; } ;;
	crash) rust "$crash" --profile crash ;;
	browser) browser ;;
	*) rust "${!1}" ;;
	esac
}

browser() {
	tools/build.sh
	tools/size.sh
	OVERROUND_BIN="$BUILT/overround" OVERROUND_CHROMIUM="$(find_chromium)" \
		node --test --test-concurrency=1 --test-timeout=900000 --test-reporter=spec end2end/*.test.mjs
}

# Sums up what the runners' own closing lines say: nextest, cargo test, node.
count() {
	sed 's/\x1b\[[0-9;]*m//g' "$1" | awk -v what="$2" '
		/^ *Summary \[/ || /^test result:/ { for (i = 2; i <= NF; i++) if ($i ~ "^" what) sum += $(i - 1) }
		$2 == substr(what, 1, 4) && NF == 3 && $3 ~ /^[0-9]+$/ { sum += $3 }
		END { print sum + 0 }'
}

[ "$#" = 0 ] || suites=("$@")
for suite in "${suites[@]}"; do
	[ -n "${about[$suite]:-}" ] || die "no suite is called '$suite'; there are: lint unit docs store feeds pages api crash browser"
done

log="$(mktemp)"
export OVERROUND_POSTGRES_STATE
OVERROUND_POSTGRES_STATE="$(mktemp -u)"
trap 'rm -f "$log"; tools/postgres.sh stop' EXIT
trap 'exit 130' INT TERM

if [ -z "${OVERROUND_TEST_POSTGRES:-}" ]; then
	OVERROUND_TEST_POSTGRES="$(tools/postgres.sh start)"
	export OVERROUND_TEST_POSTGRES
fi
say "PostgreSQL for tests: $OVERROUND_TEST_POSTGRES"
[ -n "${OVERROUND_CORPUS:-}" ] ||
	say "Recordings: none (OVERROUND_CORPUS is not set), so the tests that read them say that they were skipped."

passed=0 failed=0 rows=()
for suite in "${suites[@]}"; do
	heading "$suite: ${about[$suite]}"
	from=$SECONDS result=ok
	# Not `if run_suite`: inside a condition bash ignores a failing step, and a suite has several.
	set +e
	(set -e; run_suite "$suite") 2>&1 | tee "$log"
	[ "${PIPESTATUS[0]}" = 0 ] || result=FAILED
	set -e
	p="$(count "$log" passed)" f="$(count "$log" failed)"
	[ "$result" = ok ] || [ "$f" -gt 0 ] || f=1
	passed=$((passed + p)) failed=$((failed + f))
	rows+=("$(printf '%-8s %-6s %5d passed %3d failed %5d s  %s' "$suite" "$result" "$p" "$f" "$((SECONDS - from))" "${about[$suite]}")")
	[ "$result" = ok ] || break
done

heading "summary"
printf '%s\n' "${rows[@]}"
say "$passed passed, $failed failed"
[ "$failed" = 0 ]
