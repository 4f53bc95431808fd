#!/usr/bin/env bash
# Fuzzes readers of files with libFuzzer under the address sanitizer: `run.sh 3600 idx npz` takes an hour for each.
# Inputs that crash, take over 10 s or 2 GB lie in the folder of findings afterwards; `run.sh record` lists what all runs
# came to in Benchmarks/results/fuzzing.md. With DESCENT_FUZZ_FOLDER=, corpora and logs are kept elsewhere.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
work="${DESCENT_FUZZ_FOLDER:-.build/fuzz}"
mkdir -p "$work"

build() {
  swift build --configuration release --product DescentFuzzing -Xswiftc -sanitize=address,fuzzer -Xcc -fsanitize=address
  swiftc -use-ld=lld -sanitize=address,fuzzer "$(swift build --configuration release --show-bin-path)/libDescentFuzzing.a" \
    -lz -lm -o "$work/new"
  # A run that goes on keeps the file it was started from.
  mv "$work/new" "$work/fuzz"
}

fuzz() {
  local target="$1" seconds="$2" length=4096
  # The shortest vocabulary has 256 entries.
  [[ $target != tokenizer ]] || length=16384
  mkdir -p "$work/$target" "$work/findings"
  # Swift keeps what an enum is in unused bits of pointers, which the search for leaks takes for lost memory.
  ASAN_OPTIONS=detect_leaks=0 DESCENT_THREADS=1 DESCENT_FUZZ_TARGET="$target" nice -n 19 "$work/fuzz" \
    "$work/$target" "Seeds/$target" -max_total_time="$seconds" -max_len="$length" -rss_limit_mb=2048 -timeout=10 \
    -print_final_stats=1 -use_value_profile=1 -artifact_prefix="$work/findings/$target-" >>"$work/$target.log" 2>&1
}

record() {
  local revision log
  revision="$(git describe --always --dirty)"
  {
    printf '# Readers of files under a fuzzer\n\n'
    printf '%s, %s, %s, `Fuzzing/run.sh`; libFuzzer with the address\nsanitizer, one thread, inputs of up to 4 KB (the ' \
      "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1)" "$(date -u +%F)" "$revision"
    printf 'tokenizer: 16 KB), beside other work on the machine. `pickle`\nis the inside of `pt`, in an archive whose '
    printf 'checksums are true, as those of `png` are.\n\n| reader | executions | hours | edges reached | findings |\n'
    printf '| --- | ---: | ---: | ---: | ---: |\n'
    for log in "$work"/*.log; do
      local target executions seconds edges findings
      target="$(basename "$log" .log)"
      executions="$(awk '/^stat::number_of_executed_units/ { sum += $2 } END { print sum + 0 }' "$log")"
      # Runs that were interrupted say how many a second they did, if not how long they took.
      seconds="$(awk '/^stat::number_of_executed_units/ { count = $2 }
        /^stat::average_exec_per_sec/ && $2 > 0 { sum += count / $2 } END { print sum + 0 }' "$log")"
      edges="$(grep -o ' cov: [0-9]*' "$log" | awk '{ if ($2 > most) most = $2 } END { print most + 0 }')"
      findings="$(find "$work/findings" -name "$target-*" | wc -l)"
      printf '| %s | %s | %s | %s | %s |\n' "$target" "$executions" "$(awk "BEGIN { printf \"%.2f\", $seconds / 3600 }")" \
        "$edges" "$findings"
    done
  } >../Benchmarks/results/fuzzing.md
}

case "${1:-}" in
  build) build ;;
  record) record ;;
  *)
    seconds="${1:?run.sh build | SECONDS TARGET... | record}"
    shift
    [[ -x $work/fuzz ]] || build
    for target; do fuzz "$target" "$seconds" || echo "$target: see $work/$target.log and $work/findings"; done
    ;;
esac
