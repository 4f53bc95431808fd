#!/usr/bin/env bash
# Trains on known data and compares with known figures: one line a claim, exit code 1 if one does not hold.
# Claims whose data are not there are skipped; the folder of the data can be given (default: ../shared/data).
# Recipes for images, which take minutes to hours, are named after it: acceptance.sh ../shared/data mnist-lenet
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
exec swift run --configuration release acceptance "${1:-../../shared/data}" "${@:2}"
