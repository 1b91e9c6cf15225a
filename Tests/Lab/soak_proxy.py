"""Mixed load through the real agent while routes and upstreams change: see Tests/soak-proxy.sh."""

import argparse
import asyncio
import collections
import contextlib
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from soak_clients import Load, TCPClient, UDPClient, HTTPClient, UploadClient, WebSocketClient
from soak_routes import Route, RouteFile
from soak_upstreams import HTTPUpstream, TCPUpstream, UDPUpstream, WebSocketUpstream


def descriptors(pid):
    targets = collections.Counter()
    for entry in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            targets[re.sub(r"\[\d+\]", "", os.readlink(entry))] += 1
    return targets


def rss(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", text)[1]) / 1024


def start_agent(binary, directory):
    (directory / "pvescout.yml").write_text(f"""
proxmox: []
providers: {{files: [routes.yml]}}
socket: {{path: {directory}/agent.sock}}
state_dir: {directory}/state
log: {{level: info}}
proxy: {{http: "127.0.0.1:0", timeouts: {{udp: 5s, connect: 5s}}}}
""")
    log = open(directory / "agent.log", "wb")
    return subprocess.Popen([binary, "run", "--config", str(directory / "pvescout.yml")], stdout=log, stderr=log)


async def listening_port(directory, agent):
    for _ in range(1200):
        text = (directory / "agent.log").read_text()
        if found := re.search(r"proxy listens.*:(\d+)", text):
            return int(found[1])
        if agent.poll() is not None:
            break
        await asyncio.sleep(0.05)
    raise SystemExit(f"the agent does not listen:\n{text}")


async def make_routes():
    routes, everybody = [], []
    for scheme, kind, upstreams, aliases in [
        ("http", HTTPUpstream, 6, 12), ("ws", WebSocketUpstream, 3, 4), ("tcp", TCPUpstream, 3, 4), ("udp", UDPUpstream, 3, 4),
    ]:
        group = [kind(f"{scheme}-upstream-{number}") for number in range(upstreams)]
        for upstream in group:
            await upstream.start()
        everybody += group
        routes += [Route(f"{scheme}{number}", scheme, group, random.choice(group)) for number in range(aliases)]
    return routes, everybody


async def churn(file, load):
    while True:
        await asyncio.sleep(random.uniform(0.3, 2))
        await file.change()
        load.counts["route changes"] = file.changes


async def outages(upstreams, load):
    while True:
        await asyncio.sleep(random.uniform(2, 6))
        load.counts["outages"] += 1
        await random.choice(upstreams).be_down(random.uniform(0.2, 3))


def clients(load, routes):
    by_scheme = collections.defaultdict(list)
    for route in routes:
        by_scheme[route.scheme].append(route)
    return (
        [HTTPClient(load, by_scheme["http"], keeps=True) for _ in range(16)]
        + [HTTPClient(load, by_scheme["http"], keeps=False) for _ in range(4)]
        + [UploadClient(load, by_scheme["http"], keeps=True) for _ in range(4)]
        + [WebSocketClient(load, by_scheme["ws"]) for _ in range(6)]
        + [TCPClient(load, by_scheme["tcp"]) for _ in range(4)] + [UDPClient(load, by_scheme["udp"]) for _ in range(4)]
    )


async def run_load(seconds, load, routes, file, upstreams, agent):
    load.is_over = False
    tasks = [asyncio.create_task(client.run()) for client in clients(load, routes)]
    tasks += [asyncio.create_task(churn(file, load)), asyncio.create_task(outages(upstreams, load))]
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        done, _ = await asyncio.wait(tasks, timeout=min(60, max(0, end - time.monotonic())),
                                     return_when=asyncio.FIRST_COMPLETED)
        if agent.poll() is not None:
            raise SystemExit(f"the agent ended with {agent.returncode}")
        for task in done:
            task.result()
        print(f"{time.strftime('%H:%M:%S')} {rss(agent.pid):.1f} MB, {sum(descriptors(agent.pid).values())} descriptors, "
              f"{dict(load.counts)}", file=sys.stderr, flush=True)
    load.is_over = True
    pending = set(tasks)
    while pending:
        # More than once: Python 3.11's wait_for may lose a cancellation.
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=2)
    # An outage that was cut short is over now.
    for upstream in upstreams:
        if upstream.downs and upstream.downs[-1][1] == float("inf"):
            with contextlib.suppress(OSError):
                await upstream.start()
            upstream.downs[-1][1] = time.monotonic() + 1.5


async def at_rest(agent, most=None):
    """Waits until the number of descriptors is stable or at most `most`; returns it."""
    best = None
    for _ in range(90):
        await asyncio.sleep(1)
        now = descriptors(agent.pid)
        if most is not None and sum(now.values()) <= most:
            return now
        best = now
        if most is None and _ >= 15:
            return best
    return best


async def soak(options, directory):
    load = Load()
    routes, upstreams = await make_routes()
    file = RouteFile(directory, routes)
    file.write()
    agent = start_agent(options.binary, directory)
    try:
        load.port = await listening_port(directory, agent)
        await asyncio.sleep(2)
        seconds = options.minutes * 60
        await run_load(min(60, seconds / 4), load, routes, file, upstreams, agent)
        before = await at_rest(agent)
        base, memory = sum(before.values()), rss(agent.pid)
        print(f"base: {base} descriptors, {memory:.1f} MB", flush=True)
        await run_load(seconds, load, routes, file, upstreams, agent)
        # Routes that come and go have listeners: as many as the base had, give or take those.
        streams = sum(1 for route in routes if route.listen)
        after = await at_rest(agent, most=base)
        left, grown = sum(after.values()), rss(agent.pid)
        agent.send_signal(signal.SIGTERM)
        code = await asyncio.to_thread(agent.wait, 60)
        return report(load, base, left, streams, memory, grown, code, before, after)
    finally:
        if agent.poll() is None:
            agent.kill()
            agent.wait()
        if load.bad:
            print((directory / "agent.log").read_text()[-4000:], file=sys.stderr)


def report(load, base, left, streams, memory, grown, code, before, after):
    for name, count in sorted(load.counts.items()):
        print(f"{name:<32}{count:>10}")
    for line in load.bad[:20]:
        print(f"BAD: {line}")
    print(f"file descriptors at rest: {base} before, {left} after")
    print(f"memory at rest: {memory:.1f} MB before, {grown:.1f} MB after")
    print(f"the agent ended with {code}")
    faults = []
    if load.counts["WRONG ROUTE"]:
        faults.append("a wrong route was served")
    if load.counts["unexpected failures"]:
        faults.append("requests failed without cause")
    if left > base + streams:
        faults.append(f"descriptors were left: {dict(after - before)}")
    if grown > memory * 1.3 + 8:
        faults.append("memory was left")
    if code:
        faults.append("the agent did not end well")
    print("FAILED: " + "; ".join(faults) if faults else "passed")
    return 1 if faults else 0


def main():
    parser = argparse.ArgumentParser(description="mixed load while routes and upstreams come and go")
    parser.add_argument("minutes", type=float, nargs="?", default=30)
    release = ".build/release/pvescout"
    parser.add_argument("--binary", default=release if os.path.exists(release) else ".build/debug/pvescout")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    directory = pathlib.Path(tempfile.mkdtemp(prefix="pvs-soak-"))
    try:
        return asyncio.run(soak(options, directory))
    finally:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
