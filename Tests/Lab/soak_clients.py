"""Clients of soak_proxy.py: each compares every answer with the possible upstreams."""

import asyncio
import collections
import contextlib
import hashlib
import random
import sys
import time

import websockets
from websockets.asyncio.client import connect

TROUBLE = (OSError, EOFError, asyncio.IncompleteReadError, asyncio.TimeoutError, websockets.WebSocketException)


class Load:
    def __init__(self):
        self.port, self.is_over = 0, False
        self.counts = collections.Counter()
        self.bad = []

    def wrong(self, text):
        self.counts["WRONG ROUTE"] += 1
        self.report(text)

    def unexpected(self, text):
        self.counts["unexpected failures"] += 1
        self.report(text)

    def report(self, text):
        self.bad.append(text)
        if len(self.bad) <= 100:
            print(f"{time.strftime('%H:%M:%S')} BAD: {text}", file=sys.stderr, flush=True)


class Client:
    kind = ""
    pause = 0.05

    def __init__(self, load, routes):
        self.load, self.routes = load, routes

    async def run(self):
        while not self.load.is_over:
            await asyncio.sleep(random.uniform(0, 2 * self.pause))
            route, start = random.choice(self.routes), time.monotonic()
            try:
                name = await asyncio.wait_for(self.ask(route), 60)
                self.judge(route, name, start)
            except TROUBLE as error:
                self.excuse(route, start, f"{type(error).__name__}: {error}")

    def judge(self, route, name, start):
        """`name` is the upstream that answered; None if the proxy has no such route."""
        allowed = route.allowed(start, time.monotonic())
        if name not in {upstream and upstream.name for upstream in allowed}:
            self.load.wrong(f"{route.alias} was answered by {name}, allowed: {[u and u.name for u in allowed]}")
        self.load.counts[f"{self.kind}: {'answers' if name else 'no route'}"] += 1

    def excuse(self, route, start, what):
        """A failure has a cause if an upstream was down, or the route was missing."""
        end = time.monotonic()
        if any(upstream is None or upstream.was_down(start, end) for upstream in route.allowed(start, end)):
            self.load.counts[f"{self.kind}: failed with its upstream"] += 1
        else:
            self.load.unexpected(f"{self.kind} {route.alias} after {end - start:.2f} s: {what}")


class Refused(OSError):
    pass


class HTTPClient(Client):
    kind = "HTTP"

    def __init__(self, load, routes, keeps):
        super().__init__(load, routes)
        self.keeps, self.streams = keeps, None
        if not keeps:
            self.kind = "HTTP without keep-alive"

    async def ask(self, route):
        try:
            name, is_kept = await self.exchange(route, *self.request())
        except BaseException:
            self.drop()
            raise
        if not (self.keeps and is_kept):
            self.drop()
        return name

    def drop(self):
        if self.streams:
            self.streams[1].transport.abort()
        self.streams = None

    def request(self):
        return "GET", random.choice([0, 10, 1000, 1000, 1000, 50_000, 1_000_000]), b"", None

    async def exchange(self, route, method, size, body, digest):
        if self.streams is None:
            self.streams = await asyncio.open_connection("127.0.0.1", self.load.port)
        reader, writer = self.streams
        fields = "" if self.keeps else "Connection: close\r\n"
        if body:
            fields += f"Content-Length: {len(body)}\r\n"
        writer.write(f"{method} /{size} HTTP/1.1\r\nHost: {route.alias}.test\r\n{fields}\r\n".encode())
        if body:
            writer.write(body)
        await writer.drain()
        status, fields = await read_head(reader)
        answer = await read_body(reader, fields)
        is_kept = fields.get("connection", "").lower() != "close"
        if status == 404:
            return None, is_kept
        if status != 200:
            raise Refused(f"status {status}: {answer[:200]}")
        if fields["x-host"] != f"{route.alias}.test":
            self.load.wrong(f"{route.alias} got the answer to {fields['x-host']}")
        if method == "GET" and answer != b"x" * size or digest and answer != digest:
            self.load.unexpected(f"{route.alias}: the body changed on its way")
        return fields["x-name"], is_kept


class UploadClient(HTTPClient):
    kind = "uploads"

    def request(self):
        body = random.randbytes(random.choice([100, 10_000, 200_000, 1_000_000]))
        return "PUT", 0, body, hashlib.sha256(body).hexdigest().encode()

    def excuse(self, route, start, what):
        """A body cannot be sent twice: if the upstream closes the connection, it is lost."""
        lately = [upstream for upstream in route.allowed(start, time.monotonic())
                  if upstream and any(start - 1 < closing for closing in upstream.closings[-50:])]
        if lately:
            self.load.counts["uploads: met a connection that closed"] += 1
        else:
            super().excuse(route, start, what)


async def read_head(reader):
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    line, *lines = head.split("\r\n")
    fields = {k.lower(): v for k, v in (line.split(": ", 1) for line in lines if line)}
    return int(line.split(" ")[1]), fields


async def read_body(reader, fields):
    if "transfer-encoding" not in fields:
        return await reader.readexactly(int(fields.get("content-length", 0)))
    parts = []
    while size := int(await reader.readuntil(b"\r\n"), 16):
        parts.append((await reader.readexactly(size + 2))[:-2])
    await reader.readuntil(b"\r\n")
    return b"".join(parts)


class WebSocketClient(Client):
    kind = "WebSocket"

    async def ask(self, route):
        try:
            uri = f"ws://{route.alias}.test/"
            async with connect(uri, host="127.0.0.1", port=self.load.port, proxy=None, max_size=None,
                               ping_interval=None, open_timeout=30, close_timeout=5) as socket:
                name = await socket.recv()
                for _ in range(random.randint(1, 20)):
                    message = random.randbytes(random.choice([0, 10, 1000, 70_000, 300_000]))
                    await socket.send(message)
                    if await socket.recv() != message:
                        self.load.unexpected(f"{route.alias}: a message changed on its way")
                    await asyncio.sleep(random.uniform(0, 0.1))
                return name
        except websockets.InvalidStatus as error:
            if error.response.status_code == 404:
                return None
            raise


class TCPClient(Client):
    kind = "TCP"

    async def ask(self, route):
        reader, writer = await asyncio.open_connection("127.0.0.1", route.listen)
        try:
            name = (await reader.readuntil(b"\n")).decode().strip()
            data = random.randbytes(random.choice([1, 1000, 100_000]))
            writer.write(data)
            await writer.drain()
            if random.random() < 0.7:
                writer.write_eof()
                if await reader.read() != data:
                    raise Refused("it ended early")
            elif await reader.readexactly(len(data)) != data:
                self.load.unexpected(f"{route.alias}: bytes changed on their way")
            return name
        finally:
            writer.transport.abort()


class UDPClient(Client):
    kind = "UDP"
    pause = 0.1

    async def ask(self, route):
        loop, received = asyncio.get_running_loop(), asyncio.Queue()

        class Protocol(asyncio.DatagramProtocol):
            def datagram_received(self, data, address):
                received.put_nowait(data)

        transport, _ = await loop.create_datagram_endpoint(Protocol, remote_addr=("127.0.0.1", route.listen))
        try:
            names = set()
            for _ in range(5):
                token = random.randbytes(16).hex().encode() * random.choice([1, 30])
                transport.sendto(token)
                with contextlib.suppress(asyncio.TimeoutError):
                    name, back = (await asyncio.wait_for(received.get(), 3)).split(b" ", 1)
                    names.add(name.decode())
                    if back != token:
                        self.load.unexpected(f"{route.alias}: a datagram changed on its way")
            if not names:
                raise Refused("no datagram came back")
            for name in names:
                self.judge(route, name, self.started)
            return names.pop()
        finally:
            transport.close()

    async def run(self):
        while not self.load.is_over:
            await asyncio.sleep(random.uniform(0, 2 * self.pause))
            route, self.started = random.choice(self.routes), time.monotonic()
            try:
                self.judge(route, await asyncio.wait_for(self.ask(route), 60), self.started)
            except TROUBLE as error:
                self.excuse(route, self.started, f"{type(error).__name__}: {error}")
