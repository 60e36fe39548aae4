#!/usr/bin/env bash
# Builds the program as it is run, tested in the browser, measured and shipped: `release/overround` in the target
# folder, with `hash.txt` and `site/` beside it. Files are compressed here, once, and carry a hash in their names, so
# that a browser may keep them for ever.
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$ROOT"
use_site
cargo leptos build --release --precompress
