#!/usr/bin/env bash
# Fuzzes the readers of JSON, PVE's lists, histories in state files, YAML, HTTP/1.1 and HTTP/2 with libFuzzer:
#   Tests/fuzz.sh [SECONDS]     10 minutes by default
# Findings are kept in .build-fuzz/findings/, and make the exit code nonzero. The corpus grows in .build-fuzz/corpus/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
seconds=${1:-600}

# libFuzzer only links in release builds, and everything in the build is instrumented for coverage.
FUZZ=1 swift build -c release --product Fuzzer --sanitize=fuzzer --scratch-path .build-fuzz
fuzzer=$(FUZZ=1 swift build -c release --product Fuzzer --sanitize=fuzzer --scratch-path .build-fuzz --show-bin-path)/Fuzzer

corpus=.build-fuzz/corpus findings=.build-fuzz/findings
mkdir -p "$corpus" "$findings"
seed() { printf "$1%s" "$2" >"$corpus/seed-$3"; }
seed 0 '{"a":[1,-2.5e3,"\u00e4\ud83d\ude00",true,null,{"b":"\\"}]}' json
seed 1 '{"data":[{"type":"node","node":"pve1","status":"online"},{"id":"lxc/101","type":"lxc","vmid":101,"node":"pve1","name":"plex","status":"running","uptime":3600,"tags":"a;b","template":0}]}' list
seed 2 '{"minutes":[30000000,1,60000,60000],"hours":[500000,1,3600000,3600000],"quarter_days":[83333,1,21600000,21600000],"latencies":{"period":41666,"current":[80,3],"previous":[]},"recent":[950,0]}' history
seed 3 $'plex: {host: 10.0.0.50, port: "2222:22"}\nx-a: &a {interval: 1h30m}\nb: {<<: *a, files: [a, b]}\n' yaml
seed '\x04\x00\x00\x00\x07\x01\x05\x00\x00\x00\x01\x82\x86\x84\x01\x02ab' '' requests
seed '\x04\x01\x00\x00\x01\x01\x05\x00\x00\x00\x01\x88' '' responses
seed 5 $'0GET /a?b=c HTTP/1.1\r\nHost: web.lan:80\r\nConnection: close, te\r\n\r\n' get
seed 5 $'zPOST / HTTP/1.1\r\nHost: web\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nX-End: 1\r\n\r\n' chunked
seed 6 $'0HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello' http1-response

# Swift's own crash report would keep libFuzzer from saving the input that led to it.
export SWIFT_BACKTRACE=enable=no
"$fuzzer" -max_total_time="$seconds" -max_len=16384 -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 \
  -artifact_prefix="$findings/" "$corpus"
