#!/usr/bin/env bash
# Measures how steadily the processor multiplies, in tiles and in vectors → results/tiles.md; takes the seconds to measure.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
swift build --configuration release --product tile-rate
program="$(swift build --configuration release --show-bin-path)/tile-rate"
{
  printf '# How steadily the processor multiplies\n\n'
  printf '%s, %s, `Benchmarks/tiles.sh`. GFLOP/s of slices of 5 ms; all processors at once, tiles and vectors in turn,\n' \
    "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1)" "$(date -u +'%F %H:%M UTC')"
  printf 'everything in the first-level cache.\n\n'
  "$program" "${1:-20}"
} | tee results/tiles.md
