#!/usr/bin/env bash
# Compares the functions of float32 with the C library on all 2³² arguments → results/ulp.md. It takes some minutes of all
# processors, which others may take back at any time.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
swift build --configuration release --product descent-ulp
nice -n 19 "$(swift build --configuration release --show-bin-path)/descent-ulp" | tee Benchmarks/results/ulp.md
