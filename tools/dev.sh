#!/usr/bin/env bash
# Builds, starts, and does so again at every change; the page reloads itself. Data lies apart from that of `make run`.
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$ROOT"
exec cargo leptos watch -- serve --listen 127.0.0.1:3000 --data-dir "${DATA_DIR:-./data/dev}" "$@"
