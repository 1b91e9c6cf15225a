#!/usr/bin/env bash
# Mixed load through the real agent while routes and upstreams come and go:
#   Tests/soak-proxy.sh [MINUTES] [--binary PATH]
# 30 minutes unless said otherwise, with the release build if there is one. Every answer says who gave it, so each proves
# that it took the right route. Exits with 1 if one did not, if a request failed without cause, or if the agent keeps
# file descriptors or memory. Needs what Tests/run.sh installs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [[ ! -x .build/lab-venv/bin/python ]]; then
  echo "Tests/soak-proxy.sh: .build/lab-venv is not there: run Tests/run.sh first" >&2
  exit 1
fi
exec .build/lab-venv/bin/python -B Tests/Lab/soak_proxy.py "$@"
