#!/usr/bin/env bash
# Formatting and clippy, warnings refused. The browser's half is linted for the browser: together with the server its
# features would mix, and neither would be what runs.
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$ROOT"
cargo fmt --all --check
cargo clippy --workspace --exclude frontend --all-targets -- -D warnings
cargo clippy --package frontend --target wasm32-unknown-unknown -- -D warnings
