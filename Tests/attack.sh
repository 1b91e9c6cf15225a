#!/usr/bin/env bash
# Attacks the agent and holds it to its bounds, by clients, PVE, names, files, clocks or stops:
#   Tests/attack.sh [--short] [--binary PATH] [FAMILY…]
# Minutes long, with --short at most 90 s; with the release build if there is one. Ends with a table of what was done and
# what was measured, and with 1 at the first bound that did not hold. Needs what Tests/run.sh installs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [[ ! -x .build/lab-venv/bin/python ]]; then
  echo "Tests/attack.sh: .build/lab-venv is not there: run Tests/run.sh first" >&2
  exit 1
fi
exec .build/lab-venv/bin/python -B Tests/Lab/attack.py "$@"
