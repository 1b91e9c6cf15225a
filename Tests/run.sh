#!/usr/bin/env bash
# Builds and runs all tests; works in a clean clone on Debian 12 with Swift 6:
#   Tests/run.sh [arguments of `swift test`, such as --filter EndToEndTests]
# As root, installs missing Debian packages. Installs from PyPI into .build/: fakepve, the cluster of the end-to-end
# tests; websockets, aiohttp and gRPC, and HTTP/2 frames for a client that breaks the rules, to test the proxy; and
# schemathesis, which tests the socket against its OpenAPI document.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

packages=(libcurl4-openssl-dev libssl-dev openssl curl python3 python3-venv ca-certificates)
source Tests/debian-packages.sh "${packages[@]}"

lab=.build/lab-venv
tools=(
  fakepve==0.5.0 websockets==17.4 aiohttp==3.14.5 grpcio==1.85.3 hpack==4.2.0 hyperframe==6.1.0 schemathesis==4.32.5
)
if [[ $(cat "$lab/.tools" 2>/dev/null) != "${tools[*]}" ]]; then
  mkdir -p .build
  /usr/bin/python3 -m venv --clear "$lab"
  "$lab/bin/python" -m pip --quiet --disable-pip-version-check install "${tools[@]}"
  echo "${tools[*]}" >"$lab/.tools"
fi

# A build with a sanitizer (Tests/sanitize.sh) has its own folder.
build=()
if [[ -n ${SANITIZER:-} ]]; then build=(--sanitize="$SANITIZER" --scratch-path ".build-${SANITIZER:0:1}san"); fi
what=(--build-tests)
if [[ -n ${SUITES:-} ]]; then what=(--product pvescoutPackageTests); fi
swift build "${build[@]}" "${what[@]}" --explicit-target-dependency-import-check error
# On few cores, running all tests at once would starve them.
width=--experimental-maximum-parallelization-width
# Not by a pipe to grep -q, which ends before swift has written all, and so fails it now and then (pipefail).
if [[ $(swift test --help-hidden) == *"$width"* ]]; then set -- "$width" 8 "$@"; fi
log=.build/tests.log
swift test "${build[@]}" --skip-build "$@" 2>&1 | tee "$log" || {
  printf '\nWhat failed:\n'
  grep -A 12 -E 'recorded an issue|unexpected signal|^Fatal error' "$log" | grep -vE '^(◇|✔) ' || true
  exit 1
}
