#!/usr/bin/env bash
# Deletes the data folder: every account, quote and bet in it. Asks first.
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$ROOT"
dir="${DATA_DIR:-./data}"
[ -d "$dir" ] || { say "There is no $dir."; exit 0; }
read -r -p "Delete everything in $dir ($(du -sh "$dir" | cut -f 1))? Type yes: " answer || true
[ "$answer" = yes ] || die "kept $dir"
rm -rf "$dir"
