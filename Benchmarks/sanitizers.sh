#!/usr/bin/env bash
# Runs the tests of kernels, plans and threaded training under the thread and the address sanitizer, each in a build of
# its own; `Benchmarks/sanitizers.sh thread` runs one of them. Random cases are fewer, since everything is many times slower.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# Swift keeps what an enum is in unused bits of pointers, which the search for leaks takes for lost memory.
export ASAN_OPTIONS=detect_leaks=0
export DESCENT_RANDOM_GRAPHS="${DESCENT_RANDOM_GRAPHS:-400}" DESCENT_ROW_CASES="${DESCENT_ROW_CASES:-800}"
(($#)) || set -- thread address
for sanitizer; do
  options=(--configuration release --sanitize="$sanitizer" --scratch-path ".build-$sanitizer")
  [[ $sanitizer != thread ]] || options+=(-Xswiftc -DSANITIZE_THREAD)
  swift build --build-tests "${options[@]}"
  swift test --skip-build --disable-xctest "${options[@]}" \
    --filter 'DescentKernelsTests|DescentCPUTests|CompiledStepTests|ThreadedTrainingTests|TrainerTests|ResumeTests'
done
