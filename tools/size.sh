#!/usr/bin/env bash
# What a first visit loads of code, as it travels: WASM and JS with brotli, against the limit. Fails above it.
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
node - "${1:-$BUILT/site/pkg}" <<'JS'
const { readdirSync, readFileSync } = require("node:fs");
const { join } = require("node:path");
const { brotliCompressSync } = require("node:zlib");

const limit = 300_000;
const folder = process.argv[2];
const library = join(folder, "..", "idiomorph.js");
const files = readdirSync(folder).filter((name) => /\.(wasm|js)$/.test(name)).map((name) => join(folder, name)).concat(library);
if (!files.some((name) => name.endsWith(".wasm"))) {
  console.error(`error: no WASM in ${folder}; build it with: tools/build.sh`);
  process.exit(1);
}
const ours = files.reduce((sum, name) => sum + brotliCompressSync(readFileSync(name)).length, 0);
const kb = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
console.log(`WASM + JS, brotli: ours ${kb(ours)}, limit ${kb(limit)}, ratio ${(ours / limit).toFixed(2)}`);
process.exit(ours <= limit ? 0 : 1);
JS
