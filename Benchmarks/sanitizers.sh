#!/usr/bin/env bash
# Runs the tests of kernels, plans and threaded training under the thread and the address sanitizer, each in a build of
# its own → results/sanitizers.md; `Benchmarks/sanitizers.sh thread` runs one of them and writes nothing. Random cases are
# fewer, since everything is many times slower.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# Swift keeps what an enum is in unused bits of pointers, which the search for leaks takes for lost memory.
export ASAN_OPTIONS=detect_leaks=0
export DESCENT_RANDOM_GRAPHS="${DESCENT_RANDOM_GRAPHS:-400}" DESCENT_ROW_CASES="${DESCENT_ROW_CASES:-800}"
record=/dev/null
(($#)) || { set -- thread address; record=Benchmarks/results/sanitizers.md; }
log="$(mktemp)"
trap 'rm -f "$log"' EXIT
lines=()
# Before the record is opened, which changes it.
revision="$(git describe --always --dirty)"
for sanitizer; do
  options=(--configuration release --sanitize="$sanitizer" --scratch-path ".build-$sanitizer")
  [[ $sanitizer != thread ]] || options+=(-Xswiftc -DSANITIZE_THREAD)
  swift build --build-tests "${options[@]}"
  swift test --skip-build --disable-xctest "${options[@]}" \
    --filter 'DescentKernelsTests|DescentCPUTests|CompiledStepTests|ThreadedTrainingTests|TrainerTests|ResumeTests' \
    2>&1 | tee "$log"
  reports="$(grep -cE '(WARNING|ERROR): [A-Za-z]+Sanitizer' "$log" || true)"
  ((reports == 0))
  lines+=("| $sanitizer | $(grep -oE 'with [0-9]+ tests in [0-9]+ suites' "$log" | tail -1 | sed 's/with //') | $reports |")
done
{
  printf '# Kernels, plans and threads under sanitizers\n\n'
  printf '%s, %s, %s, `Benchmarks/sanitizers.sh`; %s random graphs of each type and %s cases of a row alone.\n\n' \
    "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1)" "$(date +%F)" "$revision" \
    "$DESCENT_RANDOM_GRAPHS" "$DESCENT_ROW_CASES"
  printf '| sanitizer | passed | reports |\n| --- | ---: | ---: |\n'
  printf '%s\n' "${lines[@]}"
} >"$record"
