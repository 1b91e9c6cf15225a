#!/usr/bin/env bash
# Puts mixed load through the real agent while routes and upstreams are added and removed:
#   Tests/soak-proxy.sh [MINUTES] [--binary PATH]
# 30 minutes by default, with the release build if there is one. Every response names its upstream, which proves that
# the request took the right route. Exits with 1 if one did not, if a request failed without cause, or if the agent
# leaks file descriptors or memory. Needs the packages that Tests/run.sh installs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [[ ! -x .build/lab-venv/bin/python ]]; then
  echo "Tests/soak-proxy.sh: .build/lab-venv is not there: run Tests/run.sh first" >&2
  exit 1
fi
exec .build/lab-venv/bin/python -B Tests/Lab/soak_proxy.py "$@"
