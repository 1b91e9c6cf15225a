#!/usr/bin/env bash
# Opens sleeping routes with real clients (Chromium, curl, a WebSocket, ssh, dig) through the real agent, and measures
# how soon after its start a guest's service is reached:
#   Tests/wake-browser.sh [--binary PATH] [--chromium PATH]
# Takes about two minutes; uses the debug build unless told otherwise. Exits with 1 if anything is not as it must be.
# As root, installs missing Debian packages. Needs the packages that Tests/run.sh installs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

packages=(curl openssh-client openssh-server dnsmasq-base bind9-dnsutils)
[[ $* == *--chromium* || -x /usr/bin/chromium ]] || packages+=(chromium)
source Tests/debian-packages.sh "${packages[@]}"
if [[ ! -x .build/lab-venv/bin/python ]]; then
  echo "Tests/wake-browser.sh: .build/lab-venv is not there: run Tests/run.sh first" >&2
  exit 1
fi
exec .build/lab-venv/bin/python -B Tests/Lab/wake_browser.py "$@"
