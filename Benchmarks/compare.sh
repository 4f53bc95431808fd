#!/usr/bin/env bash
# Times Descent and its peers in turns and writes results/speed.md; --help says what can be chosen.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
if [[ ! -x peers/.venv-speed/bin/python ]]; then
  echo "compare.sh: the peers are not installed; run Benchmarks/peers/setup-speed.sh first" >&2
  exit 69
fi
[[ " $* " == *" --help "* ]] || swift build --configuration release --product descent-benchmarks >&2
cd peers
exec .venv-speed/bin/python -m compare "$@"
