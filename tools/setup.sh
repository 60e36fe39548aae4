#!/usr/bin/env bash
# Checks for what a task needs and installs what is missing.
#   setup.sh run     what building and running the program needs
#   setup.sh test    all of that, and a test runner, PostgreSQL and Chromium
# Says in plain words what it can't install, and fails: no task goes on without a part it needs.
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$ROOT"

missing=()

need_rust() {
	command -v cargo >/dev/null || die "Rust is not installed. Install it with rustup (https://rustup.rs), then run this again."
	command -v cc >/dev/null || apt_install gcc libc6-dev ||
		missing+=("A C compiler (cc). On Debian or Ubuntu: sudo apt-get install build-essential")
	[ -d "$(rustc --print target-libdir --target wasm32-unknown-unknown)" ] && return
	say "Adding the WebAssembly target to Rust"
	command -v rustup >/dev/null && rustup target add wasm32-unknown-unknown ||
		missing+=("Rust's WebAssembly target. With rustup: rustup target add wasm32-unknown-unknown")
}

# cargo_tool NAME VERSION FOUND ROUGHLY [install options]: builds a Rust tool unless the version found is the one wanted.
# It goes into a folder of our own, so that a developer's other version is left alone.
cargo_tool() {
	local name="$1" version="$2" found="$3" roughly="$4"
	shift 4
	[ "$found" = "$version" ] && return
	say "Building $name $version (once; about $roughly on two cores)"
	# Built to be ready soon: the tools' own release profiles take twice as long to compile and save nothing here.
	env -u CARGO_TARGET_DIR CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
		CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_DEBUG=0 \
		cargo install --quiet --force --root "$TOOLS" "$name" --version "$version" "$@" ||
		missing+=("$name $version. Try: cargo install $name --version $version $*")
}

version_of() { "$@" --version 2>/dev/null | grep -oE '[0-9]+\.[0-9]+\.[0-9]+' | head -n 1 || true; }

need_cargo_leptos() {
	# Without `no_downloads` it fetches wasm-bindgen and wasm-opt itself, from a site that a firewall may close.
	cargo_tool cargo-leptos "$CARGO_LEPTOS_VERSION" "$(version_of cargo leptos)" "7 minutes" \
		--locked --no-default-features --features no_downloads
}

need_wasm_bindgen() {
	# Its own lock file names a withdrawn crate, hence no --locked.
	cargo_tool wasm-bindgen-cli "$WASM_BINDGEN_VERSION" "$(version_of wasm-bindgen)" "2 minutes"
}

need_nextest() {
	[ -n "$(version_of cargo nextest)" ] || cargo_tool cargo-nextest "$NEXTEST_VERSION" "" "6 minutes" --locked
}

# npm_packages FOLDER: what its lock file names, installed again only when the lock file changed.
npm_packages() {
	local node
	node="$(node --version 2>/dev/null | grep -oE '[0-9]+' | head -n 1 || true)"
	if [ "${node:-0}" -lt 20 ] || ! command -v npm >/dev/null; then
		missing+=("Node.js 20 or newer, with npm (found: ${node:-none}). From https://nodejs.org or your system's packages")
		return
	fi
	cmp -s "$1/package-lock.json" "$1/node_modules/.installed" && return
	say "Installing the npm packages of $1/"
	if npm ci --prefix "$1" --no-audit --no-fund --loglevel=error; then
		cp "$1/package-lock.json" "$1/node_modules/.installed"
	else
		missing+=("The npm packages of $1/. Try: npm ci --prefix $1")
	fi
}

# What the pages fold news into themselves with, served as a file of its own.
need_page_library() {
	local from=tools/node_modules/idiomorph/dist/idiomorph.min.js to=public/idiomorph.js
	[ ! -f "$from" ] || cmp -s "$from" "$to" || install -D -m 644 "$from" "$to"
}

# Debian's packages, where this user may install them without being asked for a password.
apt_install() {
	local root=()
	command -v apt-get >/dev/null || return 1
	if [ "$(id -u)" != 0 ]; then
		sudo -n true 2>/dev/null || return 1
		root=(sudo -n)
	fi
	say "Installing Debian packages: $*"
	{
		"${root[@]}" apt-get update -qq &&
			"${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
	} >"$CACHE/apt.log" 2>&1 || {
		tail -n 5 "$CACHE/apt.log" >&2
		return 1
	}
}

need_postgres() {
	[ -n "${OVERROUND_TEST_POSTGRES:-}" ] || postgres_bin >/dev/null || apt_install postgresql ||
		missing+=("PostgreSQL (its server programs). On Debian or Ubuntu: sudo apt-get install postgresql. Or name a server that tests may use: OVERROUND_TEST_POSTGRES=postgres://user:password@host/database")
}

need_chromium() {
	# Fonts are named because Chromium only recommends them, and pictures without them show empty boxes.
	find_chromium >/dev/null || apt_install chromium fonts-dejavu-core fonts-liberation ||
		missing+=("Chromium. On Debian or Ubuntu: sudo apt-get install chromium. Or name the program: OVERROUND_CHROMIUM=/path/to/chromium")
}

mkdir -p "$CACHE" "$TOOLS"
case "${1:-}" in
run) ;;
test)
	need_postgres
	need_chromium
	npm_packages end2end
	;;
*) die "usage: tools/setup.sh run|test" ;;
esac
npm_packages tools
need_page_library
need_rust
[ "${#missing[@]}" != 0 ] || need_wasm_bindgen
[ "${#missing[@]}" != 0 ] || need_cargo_leptos
[ "${#missing[@]}" != 0 ] || [ "$1" = run ] || need_nextest

if [ "${#missing[@]}" != 0 ]; then
	say "Missing, and not installable from here:" >&2
	printf -- '- %s\n' "${missing[@]}" >&2
	exit 1
fi
