#!/usr/bin/env bash
# Trains language models on known texts: one line of JSON each, with the loss on the end of the text and the time of the
# steps; beside the first the same steps by PyTorch, where peers/setup-speed.sh has set it up, and the tokens a second that
# both draw one by one.
#   texts.sh [FOLDER OF DATA [long]]     (default: ../shared/data; "long" also trains on it for less than an hour)
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
data="$(realpath "${1:-../shared/data}")"
swift build --configuration release --product descent
descent="$(realpath "$(swift build --configuration release --show-bin-path)")/descent"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The loss of the result, and the time at the last step.
train() {
  local name=$1
  shift
  "$descent" train "$@" --json --no-report --force --output "$work/$name.safetensors" >"$work/$name.json"
  python3 - "$name" "$work/$name.json" <<'PY'
import json, sys
lines = [json.loads(line) for line in open(sys.argv[2])]
result = next(line for line in lines if line["event"] == "result")
seconds = [line["seconds"] for line in lines if line["event"] == "step"][-1]
counting = min(baseline["loss"] for baseline in result["baselines"])
print(json.dumps({"name": sys.argv[1], "steps": result["steps"], "seconds": round(seconds, 1),
                  "nats": round(result["nats"], 4), "counting": round(counting, 4)}), flush=True)
PY
}

small=(--layers 4 --heads 4 --width 128 --context 64 --batch-size 12 --steps 2000)
shakespeare="$data/tinyshakespeare/input.txt"
train shakespeare "$shakespeare" "${small[@]}"
train shakespeare-bfloat16 "$shakespeare" "${small[@]}" --precision bfloat16
train shakespeare-0.001 "$shakespeare" "${small[@]}" --learning-rate 0.001
peer=Benchmarks/peers/.venv-speed/bin/python
[[ -x $peer ]] && "$peer" Benchmarks/peers/language_model.py "$shakespeare"
train names "$data/names/names.txt" --shuffle-lines --layers 4 --heads 4 --width 128 --context 128 --batch-size 8 \
  --steps 6000 --dropout 0.1 --precision bfloat16
"$descent" generate "$work/shakespeare.safetensors" --prompt "ROMEO:" --tokens 3000 --json |
  python3 -c 'import json, sys; print(json.dumps({"tokensPerSecond": round(json.load(sys.stdin)["tokensPerSecond"])}))'
if [[ ${2:-} == long ]]; then
  train shakespeare-long "$shakespeare" --layers 4 --heads 4 --width 128 --context 128 --batch-size 16 --steps 9000
fi
