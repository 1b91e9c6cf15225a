"""Measures proxies side by side: see Tests/compare-proxies.sh."""

import argparse
import dataclasses
import fnmatch
import os
import pathlib
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

import load_clients
from compared_cells import CELLS, SIZES
from compared_proxies import PROXIES, Pvescout, Upstream
from measured_process import cpu_seconds, rss_bytes, scheduled_seconds

PROXY_CORE = 0
SLOW_READER_BYTES = 200 * 1024 * 1024
SPECIAL = ("slow-reader", "routes")


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


def measure(proxy, cell, seconds):
    port, pid = proxy.ports[cell.port], proxy.process.pid
    if cell.client == "idle-http2":
        clients = load_clients.hold_http2(port, cell)
        row = {"rss": rss_bytes(pid) / 2**20, "trouble": ""}
        for client in clients:
            client.close()
        return row
    load_clients.run(port, cell, 1)  # warm
    memory = []
    watcher = threading.Timer(seconds * 0.8, lambda: memory.append(rss_bytes(pid)))
    before = cpu_seconds(pid)
    watcher.start()
    result = load_clients.run(port, cell, seconds)
    cpu = cpu_seconds(pid) - before
    watcher.join()
    return {**result, "cpu": cpu / result["requests"] * 1e6, "rss": memory[0] / 2**20}


# One host after the other, so that nothing of a route is in the processor's cache any more: neither the table's slots,
# nor its counters and the event loop's binding.
EVERY_HOST = """
local hosts, requests, turn = {{{hosts}}}, {{}}, 0
function init() for i, host in ipairs(hosts) do requests[i] = wrk.format("GET", "{path}", {{Host = host}}) end end
function request() turn = turn % #requests + 1 return requests[turn] end
"""


def many_routes(directory, upstream, options, started):
    """Processor time per request with that many more routes, relative to one route: the ratios of each round by request.

    Both are asked at once, on one core: what else the machine does costs both the same."""
    aliases = [f"route-{number}" for number in range(options.routes)]
    cell = next(cell for cell in CELLS if cell.name == "http-1k-32")
    cell = dataclasses.replace(cell, connections=16)
    for folder in ("one", "many"):
        (directory / folder).mkdir()
    one = Pvescout(directory / "one", upstream, PROXY_CORE, options.binary)
    many = Pvescout(directory / "many", upstream, PROXY_CORE, options.binary, aliases)
    hosts = {"one": [f"bench.{alias}.compare.test" for alias in aliases], "many": [f"{alias}.compare.test" for alias in aliases]}
    scripts = {}
    for key, proxy in (("one", one), ("many", many)):
        started.append(proxy.process)
        wait_for(proxy.ports["http"], proxy.process, directory / key / f"{proxy.name}.log")
        scripts[key] = directory / key / "hosts.lua"
        scripts[key].write_text(
            EVERY_HOST.format(path=f"/{cell.size}", hosts=",".join(f'"{host}"' for host in hosts[key])))
    ratios = {"the same one": [], "each in turn": []}
    for number in range(options.rounds * 8):
        for asked in ratios:
            cost, loads = {}, {}
            for key, proxy in (("one", one), ("many", many)):
                script = scripts[key] if asked == "each in turn" else None
                before = scheduled_seconds(proxy.process.pid)
                loads[key] = (proxy, before, load_clients.wrk(proxy.ports["http"], cell, 2, script))
            results = {key: load_clients.read_wrk(load_clients.output(load, 2)) for key, (_, _, load) in loads.items()}
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
    """The growth of the proxy while a client reads 200 MB more slowly than the upstream sends."""
    before = rss_bytes(proxy.process.pid)
    peak, stop = before, threading.Event()

    def watch():
        nonlocal peak
        while not stop.wait(0.02):
            peak = max(peak, rss_bytes(proxy.process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    with socket.create_connection(("127.0.0.1", proxy.ports["http"])) as client:
        client.sendall(b"GET /big HTTP/1.1\r\nHost: bench.compare.test\r\nConnection: close\r\n\r\n")
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


def ratio(rows, base, key):
    """The median of the ratios of each round: other load of the machine affected both equally."""
    return statistics.median(row[key] / other[key] for row, other in zip(rows, base))


def print_table(results, proxies):
    print(f"\n{'cell':<20}{'proxy':<10}{'req/s':>9}{'CPU µs/req':>12}{'p99 ms':>9}{'RSS MB':>8}"
          f"{'per CPU-s':>11}{'p99':>7}  (ratios to nginx)")
    for cell, by_proxy in results.items():
        base = by_proxy.get("nginx")
        for name in (p.name for p in proxies if p.name in by_proxy):
            rows = by_proxy[name]
            trouble = "; ".join({row["trouble"] for row in rows if row["trouble"]})
            line = f"{cell.name:<20}{name:<10}"
            if "cpu" not in rows[0]:
                print(f"{line}{median(rows, 'rss'):>38.1f}  {trouble}")
                continue
            has_p99 = rows[0]["p99"] is not None
            p99 = f"{median(rows, 'p99'):.2f}" if has_p99 else ""
            ratios = f"{ratio(base, rows, 'cpu'):>10.2f}×" if base else ""
            if base and has_p99:
                ratios += f"{ratio(rows, base, 'p99'):>6.2f}×"
            print(f"{line}{median(rows, 'rate'):>9.0f}{median(rows, 'cpu'):>12.1f}{p99:>9}{median(rows, 'rss'):>8.1f}"
                  f"{ratios}  {trouble}")


class Verdicts:
    """The goals of pvescout: relative to nginx in the same run, and with many routes relative to one."""

    def __init__(self):
        self.missed = 0

    def say(self, what, value, at_least=None, at_most=None):
        met = value >= at_least if at_most is None else value <= at_most
        self.missed += not met
        bound = f"at least {at_least}" if at_most is None else f"at most {at_most}"
        print(f"{'met   ' if met else 'MISSED'} {what}: {value:.3f} ({bound})")

    def judge(self, results, slow, ratios):
        for cell, by_proxy in results.items():
            ours, theirs = by_proxy.get("pvescout"), by_proxy.get("nginx")
            if ours and theirs and cell.at_least:
                self.say(f"{cell.name}, requests per CPU-second beside nginx", ratio(theirs, ours, "cpu"), cell.at_least)
            if ours and theirs and cell.p99_at_most:
                self.say(f"{cell.name}, p99 beside nginx", ratio(ours, theirs, "p99"), at_most=cell.p99_at_most)
            if ours and cell.rss_at_most:
                self.say(f"{cell.name}, RSS in MB", median(ours, "rss"), at_most=cell.rss_at_most)
        if "pvescout" in slow:
            self.say("200 MB through a slow reader, growth in MB", slow["pvescout"]["growth"], at_most=20)
        if ratios:
            self.say("processor time per request with many routes beside one",
                     statistics.median(ratios["the same one"]), at_most=1.01)
        return self.missed


def names(text):
    return [name for name in text.split(",") if name]


def arguments():
    parser = argparse.ArgumentParser(description="pvescout beside nginx, HAProxy and Caddy")
    parser.add_argument("--seconds", type=int, default=5, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--proxies", type=names, default=list(PROXIES))
    parser.add_argument("--cells", type=names, default=["*"], help="names or patterns, such as http2-*")
    parser.add_argument("--list", action="store_true", help="the cells' names")
    parser.add_argument("--routes", type=int, default=10000, help="besides the one that is asked, for the cell 'routes'")
    parser.add_argument("--binary", default=".build/release/pvescout")
    options = parser.parse_args()
    options.binary = os.path.abspath(options.binary)
    return options


def measure_all(cells, proxies, options):
    """The rows of all rounds by cell and proxy; the order of the proxies rotates."""
    results = {}
    for number in range(options.rounds):
        turned = proxies[number % len(proxies):] + proxies[:number % len(proxies)] if proxies else []
        for cell in cells:
            for proxy in (proxy for proxy in turned if cell.port in proxy.ports):
                row = measure(proxy, cell, options.seconds)
                results.setdefault(cell, {}).setdefault(proxy.name, []).append(row)
                result = f"{row['rate']:.0f}/s, {row['cpu']:.1f} µs" if "cpu" in row else f"{row['rss']:.1f} MB"
                print(f"round {number + 1}: {cell.name} {proxy.name}: {result} {row['trouble']}", file=sys.stderr)
    return results


def compare(directory, options, started):
    def wanted(name):
        return any(fnmatch.fnmatch(name, pattern) for pattern in options.cells)

    cells = [cell for cell in CELLS if wanted(cell.name)]
    specials = [name for name in SPECIAL if wanted(name)]
    if not cells and not specials:
        raise SystemExit(f"no cell is named {','.join(options.cells)}; --list names them")
    upstream = Upstream(directory, SIZES, SLOW_READER_BYTES, load_clients.LOAD_CORE)
    started.append(upstream.process)
    for port in upstream.ports:
        wait_for(port, upstream.process, directory / "upstream.log")
    proxies = []
    for name in options.proxies:
        proxy = PROXIES[name](directory, upstream, PROXY_CORE, options.binary)
        started.append(proxy.process)
        proxies.append(proxy)
        for port in set(proxy.ports.values()):
            wait_for(port, proxy.process, directory / f"{name}.log")
    results = measure_all(cells, proxies, options)
    slow = {proxy.name: slow_reader(proxy) for proxy in proxies} if "slow-reader" in specials else {}
    ratios = many_routes(directory, upstream, options, started) if "routes" in specials else {}
    print_table(results, proxies)
    for name, row in slow.items():
        print(f"200 MB through a slow reader: {name} grows by {row['growth']:.1f} MB to {row['peak']:.1f} MB")
    for asked, rows in ratios.items():
        low, middle, high = statistics.quantiles(rows, n=4)
        print(f"{options.routes} routes more, {asked} asked: {middle:.3f}× the processor time of one route "
              f"(half of {len(rows)} rounds between {low:.3f} and {high:.3f})")
    print()
    return 1 if Verdicts().judge(results, slow, ratios) else 0


def main():
    options = arguments()
    if options.list:
        print("\n".join([cell.name for cell in CELLS] + list(SPECIAL)))
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    directory = pathlib.Path(tempfile.mkdtemp(prefix="pvs-compare-"))
    directory.chmod(0o755)
    started = []
    try:
        return compare(directory, options, started)
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
    os.sched_setaffinity(0, {load_clients.LOAD_CORE})
    sys.exit(main())
