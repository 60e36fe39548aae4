#!/usr/bin/env bash
# Puts what a machine needs to run Overround, and nothing else, into a folder: the binary, its pages' files, the health
# check. The binary leaves its debug information behind.
#   tools/package.sh FOLDER
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
[ -n "${1:-}" ] || die "usage: tools/package.sh FOLDER"
[ -x "$BUILT/overround" ] || die "nothing is built yet; run: tools/build.sh"
mkdir -p "$1"
strip --strip-debug -o "$1/overround" "$BUILT/overround"
cp -r "$BUILT/hash.txt" "$BUILT/site" "$1/"
install -m 755 "$ROOT/tools/healthcheck.sh" "$1/healthcheck"
