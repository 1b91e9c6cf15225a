"""The routes of soak_proxy.py: the upstreams that may answer for an alias, and when."""

import asyncio
import pathlib
import random
import socket
import time

# How long after a reload a stream may still have its previous listener.
STREAM_GRACE = 5.0


def free_port(kind):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Route:
    """An alias and its upstreams over time; `None` while it was missing."""

    def __init__(self, alias, scheme, upstreams, target):
        self.alias, self.scheme, self.upstreams = alias, scheme, upstreams
        self.history = [[target, 0.0, float("inf")]]
        kinds = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}
        self.listen = free_port(kinds[scheme]) if scheme in kinds else None

    @property
    def target(self):
        return self.history[-1][0]

    def begin(self, target):
        self.history.append([target, time.monotonic(), float("inf")])

    def settle(self):
        """Records that the last change is in force: later requests get no other upstream."""
        now = time.monotonic() + (STREAM_GRACE if self.listen else 0)
        for entry in self.history[:-1]:
            entry[2] = min(entry[2], now)
        del self.history[:-8]

    def allowed(self, start, end):
        return {target for target, since, until in self.history if since <= end and start <= until}

    def line(self):
        port = f'"{self.listen}:{self.target.port}"' if self.listen else self.target.port
        scheme = self.scheme if self.listen else "http"
        return f"{self.alias}: {{host: {self.target.host}, port: {port}, scheme: {scheme}, healthcheck: {{disable: true}}}}"


class RouteFile:
    def __init__(self, directory, routes):
        self.path = pathlib.Path(directory) / "routes.yml"
        self.socket = str(pathlib.Path(directory) / "agent.sock")
        self.routes = routes
        self.changes = 0

    def write(self):
        lines = [route.line() for route in self.routes if route.target]
        fresh = self.path.with_suffix(".new")
        fresh.write_text("\n".join(lines) + "\n" if lines else "{}\n")
        fresh.rename(self.path)

    async def change(self):
        """Re-links, removes or adds a few routes at once, and returns once that is in force."""
        chosen = random.sample(self.routes, random.randint(1, 3))
        for route in chosen:
            others = [upstream for upstream in route.upstreams if upstream is not route.target]
            gone = route.target is not None and random.random() < 0.25
            route.begin(None if gone else random.choice(others))
        self.write()
        await self.reload()
        for route in chosen:
            route.settle()
        self.changes += len(chosen)

    async def reload(self):
        reader, writer = await asyncio.open_unix_connection(self.socket)
        writer.write(b"POST /v1/reload HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        answer = await reader.read()
        writer.close()
        if b" 200 " not in answer.split(b"\r\n")[0]:
            raise SystemExit(f"the agent refused a reload: {answer.decode(errors='replace')}")
