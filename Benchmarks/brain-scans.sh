#!/usr/bin/env bash
# Tells real from fake brain scans at rising difficulty, with networks that generalise to other recordings and such that
# do not, and writes the table to results/brain-scans.md. It takes a quarter of an hour of one processor.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
exec swift run --configuration release --package-path .. example-brain-scans \
  --strengths 0.1,0.2,0.3,0.5,0.7,1 --frames 150 --seeds 2 \
  --table results/brain-scans.md --report "${1:-brain-scans.html}"
