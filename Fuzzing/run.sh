#!/usr/bin/env bash
# Fuzzes readers of files with libFuzzer under the address sanitizer: `run.sh 3600 idx npz` takes an hour for each.
# Inputs that crash, take over 10 s or 2 GB lie in the folder of findings afterwards. Each run adds a line to runs.tsv and
# starts from the inputs in Corpora; `run.sh keep` puts the inputs that matter there (merged: those that reach something new),
# `run.sh record` sums up all runs in Benchmarks/results/fuzzing.md. With DESCENT_FUZZ_FOLDER=, work is done elsewhere.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
work="$(realpath -m "${DESCENT_FUZZ_FOLDER:-.build/fuzz}")"
mkdir -p "$work/findings"

build() {
  swift build --configuration release --product DescentFuzzing -Xswiftc -sanitize=address,fuzzer -Xcc -fsanitize=address
  swiftc -use-ld=lld -sanitize=address,fuzzer "$(swift build --configuration release --show-bin-path)/libDescentFuzzing.a" \
    -lz -lm -o "$work/new"
  # A run that goes on keeps the file it was started from.
  mv "$work/new" "$work/fuzz"
}

# The corpus of a reader as the last `keep` left it, where no run has made one since.
unpack() {
  local target="$1"
  [[ ! -d $work/$target ]] || return 0
  mkdir -p "$work/$target"
  [[ ! -f Corpora/$target.tar.xz ]] || tar -xJf "Corpora/$target.tar.xz" -C "$work/$target"
}

fuzzer() {
  local target="$1"
  shift
  # Swift keeps what an enum is in unused bits of pointers, which the search for leaks takes for lost memory.
  ASAN_OPTIONS=detect_leaks=0 DESCENT_THREADS=1 DESCENT_FUZZ_TARGET="$target" nice -n 19 "$work/fuzz" "$@"
}

fuzz() {
  local target="$1" seconds="$2" length=4096 log="$work/$1.log" status=0
  # The shortest vocabulary has 256 entries.
  [[ $target != tokenizer ]] || length=16384
  unpack "$target"
  local TIMEFORMAT='%U %S'
  { time fuzzer "$target" "$work/$target" "Seeds/$target" -max_total_time="$seconds" -max_len="$length" \
    -rss_limit_mb=2048 -timeout=10 -print_final_stats=1 -use_value_profile=1 \
    -artifact_prefix="$work/findings/$target-" >"$log" 2>&1; } 2>"$log.seconds" || status=$?
  note "$target" "$log" "$(awk 'END { print $1 + $2 }' "$log.seconds")"
  return "$status"
}

# A line of runs.tsv: date, revision, reader, executions, seconds of the processor, edges reached, findings.
note() {
  local target="$1" log="$2" seconds="$3"
  awk -v date="$(date -u +%F)" -v revision="$(git describe --always)" -v target="$target" -v seconds="$seconds" '
    match($0, / cov: [0-9]+/) { edges = substr($0, RSTART + 6, RLENGTH - 6) + 0; if (edges > most) most = edges }
    /^stat::number_of_executed_units/ { executions = $2 }
    /Test unit written to/ { findings += 1 }
    END { if (executions) printf "%s\t%s\t%s\t%d\t%d\t%d\t%d\n",
      date, revision, target, executions, seconds, most, findings }' "$log" >>runs.tsv
}

keep() {
  local folder target
  mkdir -p Corpora
  for folder in Seeds/*/; do
    target="$(basename "$folder")"
    unpack "$target"
    rm -rf "$work/kept"
    mkdir "$work/kept"
    fuzzer "$target" -merge=1 "$work/kept" "Seeds/$target" "$work/$target" >"$work/$target-keep.log" 2>&1
    tar -cJf "Corpora/$target.tar.xz" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$work/kept" .
    echo "$target: $(find "$work/kept" -type f | wc -l) inputs, $(stat -c %s "Corpora/$target.tar.xz") bytes packed"
  done
}

record() {
  {
    printf '# Readers of files under a fuzzer\n\n'
    printf 'All runs of `Fuzzing/run.sh` until %s: libFuzzer with the address sanitizer, one thread, inputs of up to\n' \
      "$(date -u +%F)"
    printf '4 KB (the tokenizer: 16 KB), at the lowest priority beside other work. Hours are those of a processor, up to revision\n'
    printf 'bb7aaba without those of the system, in the runs at 7fd6010 those of the clock. `pickle` is the inside of `pt`, in\n'
    printf 'an archive whose checksums are true, as those of `png` are; the pixels of `jpeg` are read by libjpeg-turbo. Inputs\n'
    printf 'that reach something new are kept in `Fuzzing/Corpora`.\n\n'
    printf '| reader | executions | hours | edges reached | findings |\n'
    printf '| --- | ---: | ---: | ---: | ---: |\n'
    awk -F '\t' '{ executions[$3] += $4; seconds[$3] += $5; if ($6 > edges[$3]) edges[$3] = $6; findings[$3] += $7 }
      END { for (reader in executions) printf "| %s | %d | %.2f | %d | %d |\n",
        reader, executions[reader], seconds[reader] / 3600, edges[reader], findings[reader] }' runs.tsv | sort
  } >../Benchmarks/results/fuzzing.md
}

case "${1:-}" in
  build) build ;;
  keep) keep ;;
  record) record ;;
  *)
    seconds="${1:?run.sh build | SECONDS READER... | keep | record}"
    shift
    [[ -x $work/fuzz ]] || build
    for target; do fuzz "$target" "$seconds" || echo "$target: see $work/$target.log and $work/findings"; done
    ;;
esac
