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
for sanitizer in "${sanitizers[@]}"; do
  echo "== $sanitizer"
  SANITIZER=$sanitizer Tests/run.sh
done
