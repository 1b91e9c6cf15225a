#!/usr/bin/env bash
# Attacks the agent and holds it to its bounds, by clients, PVE, names, files, clocks, stops and its own description:
#   Tests/attack.sh [--short] [--binary PATH] [FAMILY…]
# Half an hour long, with --short some four minutes; with the release build if there is one. Ends with a table of what was done and
# what was measured, and with 1 at the first bound that did not hold. Needs what Tests/run.sh installs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [[ ! -x .build/lab-venv/bin/python ]]; then
  echo "Tests/attack.sh: .build/lab-venv is not there: run Tests/run.sh first" >&2
  exit 1
fi
exec .build/lab-venv/bin/python -B Tests/Lab/attack.py "$@"
