#!/usr/bin/env bash
# Runs suites under the thread and the address sanitizer, each in a separate build:
#   Tests/sanitize.sh [thread|address] [SUITE...]     both sanitizers and all suites by default
# Only what the suites need is built: `Tests/sanitize.sh RouteRegistryTests` takes minutes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
sanitizers=(thread address)
if [[ ${1:-} == thread || ${1:-} == address ]]; then
  sanitizers=("$1")
  shift
fi
if (($#)); then
  export SUITES
  SUITES=$(IFS=,; echo "$*")
fi
# The leak detector reports memory of the Swift runtime, which lives as long as the process.
export ASAN_OPTIONS=detect_leaks=0
export TSAN_OPTIONS=suppressions=$PWD/Tests/Lab/thread_sanitizer.supp
# The thread sanitizer needs help to see Swift's Mutex.
mutex=$PWD/.build-tsan/seen_mutex.so
for sanitizer in "${sanitizers[@]}"; do
  echo "== $sanitizer"
  preload=()
  if [[ $sanitizer == thread ]]; then
    mkdir -p .build-tsan
    clang -shared -fPIC -o "$mutex" Tests/Lab/seen_mutex.c
    preload=(LD_PRELOAD="$mutex")
  fi
  env SANITIZER="$sanitizer" "${preload[@]}" Tests/run.sh
done
