"""Measures proxies side by side: Tests/compare-proxies.sh says how."""

import argparse
import itertools
import pathlib
import re
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from compared_proxies import PROXIES, Pvescout, start_upstream

PROXY_CORE, LOAD_CORE = 0, 1
SLOW_READER_BYTES = 200 * 1024 * 1024


def tree(pid):
    """A process and those below it."""
    pids = [pid]
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            pids += tree(int(child))
    return pids


def cpu_seconds(pid):
    """utime + stime, which the kernel scales to what the scheduler measured."""
    ticks = 0
    for one in tree(pid):
        fields = pathlib.Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / 100


def scheduled_seconds(pid):
    """What the scheduler measured, to the nanosecond: of all threads, none of which may end meanwhile."""
    tasks = pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


def rss_bytes(pid):
    total = 0
    for one in tree(pid):
        for line in pathlib.Path(f"/proc/{one}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                total += int(line.split()[1]) * 1024
    return total


def wait_for(port, process, log):
    for _ in range(600):
        if process.poll() is not None:
            raise SystemExit(f"{process.args[3]} ended:\n{log.read_text()}")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"nothing listens on 127.0.0.1:{port}")


def wrk(port, path, connections, seconds, script=None):
    host = ["-s", str(script)] if script else ["-H", "Host: bench.test"]
    command = ["taskset", "-c", str(LOAD_CORE), "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency",
               "--timeout", "10s", *host, f"http://127.0.0.1:{port}{path}"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


UNITS = {"us": 1e-3, "ms": 1, "s": 1e3, "m": 6e4}


def read_wrk(text):
    done = re.search(r"(\d+) requests in ([\d.]+)(us|ms|s|m)", text)
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s|m)", text)
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    sockets = re.search(r"Socket errors: (.*)", text)
    if not done or not p99:
        raise SystemExit(f"wrk said:\n{text}")
    return {"requests": int(done[1]), "rate": int(done[1]) / (float(done[2]) * UNITS[done[3]] / 1e3),
            "p99": float(p99[1]) * UNITS[p99[2]],
            "trouble": ", ".join(filter(None, [f"{bad[1]} bad answers" if bad else "", sockets[1] if sockets else ""]))}


def measure(proxy, cell, seconds):
    kind, connections, size = cell
    port = proxy.ports[kind]
    path = f"/{size}"
    wrk(port, path, connections, 1).communicate()  # warm
    before = cpu_seconds(proxy.process.pid)
    load = wrk(port, path, connections, seconds)
    time.sleep(seconds * 0.8)
    memory = rss_bytes(proxy.process.pid)
    result = read_wrk(load.communicate()[0])
    cpu = cpu_seconds(proxy.process.pid) - before
    return {**result, "cpu": cpu / result["requests"] * 1e6, "rss": memory / 2**20}


# One host after the other: of each route that is asked, nothing is in the processor's cache any more, neither what looking
# it up touches, nor its counters and what an event loop keeps for it.
EVERY_HOST = """
local hosts, requests, turn = {{{hosts}}}, {{}}, 0
function init() for i, host in ipairs(hosts) do requests[i] = wrk.format("GET", "{path}", {{Host = host}}) end end
function request() turn = turn % #requests + 1 return requests[turn] end
"""


def many_routes(directory, upstream, options, started):
    """Processor time per request with so many routes more, beside one route: the ratios of each round by what is asked.

    Both are asked at once, on one core: what else the machine does costs both the same."""
    aliases = [f"route-{number}" for number in range(options.routes)]
    path = f"/{options.sizes[0]}"
    for folder in ("one", "many"):
        (directory / folder).mkdir()
    one = Pvescout(directory / "one", upstream, PROXY_CORE, options.binary)
    many = Pvescout(directory / "many", upstream, PROXY_CORE, options.binary, aliases)
    hosts = {"one": [f"bench.{alias}.test" for alias in aliases], "many": [f"{alias}.bench.test" for alias in aliases]}
    scripts = {}
    for key, proxy in (("one", one), ("many", many)):
        started.append(proxy.process)
        wait_for(proxy.ports["http"], proxy.process, directory / key / f"{proxy.name}.log")
        scripts[key] = directory / key / "hosts.lua"
        scripts[key].write_text(EVERY_HOST.format(path=path, hosts=",".join(f'"{host}"' for host in hosts[key])))
    ratios = {"the same one": [], "each in turn": []}
    for number in range(options.rounds * 8):
        for asked in ratios:
            cost, loads = {}, {}
            for key, proxy in (("one", one), ("many", many)):
                script = scripts[key] if asked == "each in turn" else None
                before = scheduled_seconds(proxy.process.pid)
                loads[key] = (proxy, before, wrk(proxy.ports["http"], path, 16, 2, script))
            results = {key: read_wrk(load.communicate()[0]) for key, (_, _, load) in loads.items()}
            for key, (proxy, before, _) in loads.items():
                if results[key]["trouble"]:
                    raise SystemExit(f"{proxy.name}, {asked}: {results[key]['trouble']}")
                cost[key] = (scheduled_seconds(proxy.process.pid) - before) / results[key]["requests"]
            if number:  # the first round warms
                ratios[asked].append(cost["many"] / cost["one"])
            print(f"round {number + 1}: {asked}: {cost['one'] * 1e6:.2f} µs with one route, {cost['many'] * 1e6:.2f} µs "
                  f"with {options.routes} more", file=sys.stderr)
    return ratios


def slow_reader(proxy):
    """How much the proxy grows while a client takes 200 MB slower than the upstream gives it."""
    before = rss_bytes(proxy.process.pid)
    peak, stop = before, threading.Event()

    def watch():
        nonlocal peak
        while not stop.wait(0.02):
            peak = max(peak, rss_bytes(proxy.process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    with socket.create_connection(("127.0.0.1", proxy.ports["http"])) as client:
        client.sendall(b"GET /big HTTP/1.1\r\nHost: bench.test\r\nConnection: close\r\n\r\n")
        time.sleep(1)
        received = 0
        while data := client.recv(256 * 1024):
            received += len(data)
            time.sleep(len(data) / 25e6)
    stop.set()
    watcher.join()
    if received < SLOW_READER_BYTES:
        raise SystemExit(f"{proxy.name}: the slow reader got {received} bytes only")
    return {"growth": (peak - before) / 2**20, "peak": peak / 2**20}


def median(rows, key):
    return statistics.median(row[key] for row in rows)


def print_table(results, proxies):
    print(f"\n{'cell':<22}{'proxy':<10}{'req/s':>9}{'CPU µs/req':>12}{'p99 ms':>9}{'RSS MB':>8}"
          f"{'per CPU-s':>11}{'p99':>7}  (ratios to nginx)")
    for cell, by_proxy in results.items():
        base = by_proxy.get("nginx")
        for name in (p.name for p in proxies if p.name in by_proxy):
            rows = by_proxy[name]
            ratios = ""
            if base:
                ratios = (f"{median(base, 'cpu') / median(rows, 'cpu'):>10.2f}×"
                          f"{median(rows, 'p99') / median(base, 'p99'):>6.2f}×")
            trouble = "; ".join({row["trouble"] for row in rows if row["trouble"]})
            print(f"{label(cell):<22}{name:<10}{median(rows, 'rate'):>9.0f}{median(rows, 'cpu'):>12.1f}"
                  f"{median(rows, 'p99'):>9.2f}{median(rows, 'rss'):>8.1f}{ratios}  {trouble}")


def label(cell):
    kind, connections, size = cell
    return f"{kind} {size / 1024:.0f} KB {connections} conn."


def verdicts(results, slow, ratios):
    """What pvescout must reach: beside nginx in the same run, and with many routes beside one."""
    missed = 0

    def say(what, value, bound, at_least):
        nonlocal missed
        met = value >= bound if at_least else value <= bound
        missed += not met
        print(f"{'met   ' if met else 'MISSED'} {what}: {value:.3f} ({'at least' if at_least else 'at most'} {bound})")

    for cell, by_proxy in results.items():
        if not {"nginx", "pvescout"} <= set(by_proxy):
            continue
        kind, connections, size = cell
        ours, theirs = by_proxy["pvescout"], by_proxy["nginx"]
        must = 0.95 if kind == "tcp" else 0.6 if size <= 1024 else 1.0
        say(f"{label(cell)}, requests per CPU-second beside nginx", median(theirs, "cpu") / median(ours, "cpu"), must, True)
        say(f"{label(cell)}, p99 beside nginx", median(ours, "p99") / median(theirs, "p99"), 1.5, False)
        if connections == 256:
            say(f"{label(cell)}, RSS in MB", median(ours, "rss"), 40, False)
    if "pvescout" in slow:
        say("200 MB through a slow reader, growth in MB", slow["pvescout"]["growth"], 20, False)
    if ratios:
        say("processor time per request with many routes beside one", statistics.median(ratios["the same one"]), 1.01, False)
    return missed


def numbers(text):
    return [int(part) for part in text.split(",")]


def arguments():
    parser = argparse.ArgumentParser(description="pvescout beside nginx, HAProxy and Caddy")
    parser.add_argument("--seconds", type=int, default=5, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--proxies", default="nginx,haproxy,caddy,pvescout")
    parser.add_argument("--connections", type=numbers, default=[1, 32, 256])
    parser.add_argument("--sizes", type=numbers, default=[1024, 51200], help="of the answers, in bytes")
    parser.add_argument("--without", default="", help="tcp, slow-reader, routes")
    parser.add_argument("--routes", type=int, default=10000, help="besides the one that is asked")
    parser.add_argument("--binary", default=".build/release/pvescout")
    return parser.parse_args()


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    without = options.without.split(",")
    directory = pathlib.Path(tempfile.mkdtemp(prefix="pvs-compare-"))
    directory.chmod(0o755)
    started = []
    try:
        upstream_port, upstream = start_upstream(directory, options.sizes, SLOW_READER_BYTES, LOAD_CORE)
        started.append(upstream)
        wait_for(upstream_port, upstream, directory / "upstream.log")
        proxies = []
        for name in filter(None, options.proxies.split(",")):
            proxy = PROXIES[name](directory, upstream_port, PROXY_CORE, options.binary)
            started.append(proxy.process)
            proxies.append(proxy)
            for port in proxy.ports.values():
                wait_for(port, proxy.process, directory / f"{name}.log")
        kinds = ["http"] if "tcp" in without else ["http", "tcp"]
        cells = [cell for cell in itertools.product(kinds, options.connections, options.sizes)
                 if cell[0] == "http" or cell[2] == options.sizes[0]]
        results = {}
        for number in range(options.rounds):
            for cell, proxy in itertools.product(cells, proxies):
                if cell[0] not in proxy.ports:
                    continue
                row = measure(proxy, cell, options.seconds)
                results.setdefault(cell, {}).setdefault(proxy.name, []).append(row)
                print(f"round {number + 1}: {label(cell)} {proxy.name}: {row['rate']:.0f}/s, {row['cpu']:.1f} µs",
                      file=sys.stderr)
        slow = {} if "slow-reader" in without else {proxy.name: slow_reader(proxy) for proxy in proxies}
        ratios = {} if "routes" in without else many_routes(directory, upstream_port, options, started)
        print_table(results, proxies)
        for name, row in slow.items():
            print(f"200 MB through a slow reader: {name} grows by {row['growth']:.1f} MB to {row['peak']:.1f} MB")
        for asked, rows in ratios.items():
            low, middle, high = statistics.quantiles(rows, n=4)
            print(f"{options.routes} routes more, {asked} asked: {middle:.3f}× the processor time of one route "
                  f"(half of {len(rows)} rounds between {low:.3f} and {high:.3f})")
        print()
        return 1 if verdicts(results, slow, ratios) else 0
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
