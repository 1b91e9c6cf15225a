#!/usr/bin/env bash
# Compares the proxy with nginx, HAProxy and Caddy: same upstream, one core each, ten browser-like fields, loopback.
#   Tests/compare-proxies.sh [--cells NAME,PATTERN…] [--list] [--proxies nginx,haproxy,caddy,pvescout] [--binary PATH]
#                            [--seconds S] [--rounds N] [--routes 10000]
# Needs two cores and a release build (swift build -c release). As root, installs missing Debian packages, which
# start their own services on port 80; these are not used here.
# Cells: HTTP/1 and HTTP/2 with 1 and 50 KB, a TLS handshake for each request, upstreams with TLS and h2c, TCP, memory of
# idle connections; a slow reader; and pvescout with one route beside pvescout with --routes, measured together.
# For each cell, prints requests per second, CPU time per request, p99 and memory as medians of the rounds, and the
# ratios to nginx as medians of each round's ratios; exits with 1 if pvescout misses a required value.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

packages=(nginx libnginx-mod-stream haproxy caddy nghttp2-client openssl wrk python3 util-linux)
source Tests/debian-packages.sh "${packages[@]}"

exec /usr/bin/python3 -B Tests/Lab/compare_proxies.py "$@"
