#!/usr/bin/env bash
# Attacks the agent through clients, PVE, names, files, clocks, stops and its own API description, and checks its bounds:
#   Tests/attack.sh [--short] [--binary PATH] [FAMILY…]
# Takes half an hour, with --short about four minutes; uses the release build if there is one. Prints a table of attacks
# and measurements; exits with 1 at the first bound that is exceeded. Needs the packages that Tests/run.sh installs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [[ ! -x .build/lab-venv/bin/python ]]; then
  echo "Tests/attack.sh: .build/lab-venv is not there: run Tests/run.sh first" >&2
  exit 1
fi
exec .build/lab-venv/bin/python -B Tests/Lab/attack.py "$@"
