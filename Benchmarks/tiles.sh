#!/usr/bin/env bash
# Measures how steadily the processor multiplies, in tiles and in vectors, and adds it to results/tiles.md: what is slow now
# may be fast in a minute. Takes the seconds to measure.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
swift build --configuration release --product tile-rate
rates="$("$(swift build --configuration release --show-bin-path)/tile-rate" "${1:-20}")"
record="$(mktemp results/tiles.XXXXXX)"
trap 'rm -f "$record"' EXIT
cat results/tiles.md >"$record"
printf '\n## %s, %s s\n\n%s\n' "$(date -u +'%F %H:%M UTC')" "${1:-20}" "$rates" | tee -a "$record"
chmod 644 "$record"
mv "$record" results/tiles.md
