"""Upstreams of soak_proxy.py: each includes its name in every answer, and can be stopped and restarted."""

import asyncio
import contextlib
import hashlib
import random
import time

from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed


class Upstream:
    """A server on its own address, so that no other process gets its port while it is down."""

    def __init__(self, name):
        self.name = name
        self.host = f"127.{random.randint(1, 254)}.{random.randint(0, 255)}.{random.randint(2, 250)}"
        self.port = 0
        self.writers = set()
        self.downs = []  # [from, to]
        self.closings = []  # of idle connections, without notice

    async def start(self):
        self.server = await asyncio.start_server(self.connected, self.host, self.port, backlog=1024)
        self.port = self.server.sockets[0].getsockname()[1]

    async def connected(self, reader, writer):
        self.writers.add(writer)
        try:
            await self.serve(reader, writer)
        except (OSError, asyncio.IncompleteReadError, ValueError):
            pass
        finally:
            self.writers.discard(writer)
            writer.transport.abort()

    async def die(self):
        self.server.close()
        for writer in list(self.writers):
            writer.transport.abort()

    async def be_down(self, seconds):
        outage = [time.monotonic(), float("inf")]
        self.downs.append(outage)
        await self.die()
        await asyncio.sleep(seconds)
        await self.start()
        outage[1] = time.monotonic() + 1.5

    def was_down(self, start, end):
        return any(begin <= end and start <= finish for begin, finish in self.downs[-20:])


class HTTPUpstream(Upstream):
    """Answers GET /N with N bytes of a pattern, and any body with its hash."""

    async def serve(self, reader, writer):
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            method, path, _ = head.split(" ", 2)
            fields = {k.lower(): v for k, v in (line.split(": ", 1) for line in head.split("\r\n")[1:] if line)}
            body = hashlib.sha256()
            if "transfer-encoding" in fields:
                while size := int(await reader.readuntil(b"\r\n"), 16):
                    body.update((await reader.readexactly(size + 2))[:-2])
                await reader.readuntil(b"\r\n")
            elif length := int(fields.get("content-length", 0)):
                while length:
                    data = await reader.read(min(length, 65536))
                    if not data:
                        return
                    length -= len(data)
                    body.update(data)
            answer = body.hexdigest().encode() if method == "PUT" else b"x" * int(path[1:])
            host = fields["host"]
            head = f"HTTP/1.1 200 OK\r\nX-Name: {self.name}\r\nX-Host: {host}\r\n"
            if method == "GET" and random.random() < 0.3:
                writer.write(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
                for start in range(0, len(answer), 16384):
                    part = answer[start:start + 16384]
                    writer.write(b"%x\r\n%b\r\n" % (len(part), part))
                    await writer.drain()
                writer.write(b"0\r\n\r\n")
            else:
                writer.write(f"{head}Content-Length: {len(answer)}\r\n\r\n".encode() + answer)
            await writer.drain()
            if random.random() < 0.01:
                self.closings.append(time.monotonic())
                return


class TCPUpstream(Upstream):
    """Sends its name, then echoes its input until the client has finished."""

    async def serve(self, reader, writer):
        writer.write(f"{self.name}\n".encode())
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.write_eof()
        await reader.read()
        with contextlib.suppress(OSError):
            await writer.drain()
        await asyncio.sleep(0.2)


class WebSocketUpstream(Upstream):
    async def start(self):
        self.server = await serve(self.serve_socket, self.host, self.port, max_size=None, ping_interval=None)
        self.port = self.server.sockets[0].getsockname()[1]

    async def serve_socket(self, socket):
        with contextlib.suppress(ConnectionClosed):
            await socket.send(self.name)
            async for message in socket:
                await socket.send(message)

    async def die(self):
        for connection in list(self.server.connections):
            connection.transport.abort()
        self.server.close()
        await self.server.wait_closed()


class UDPUpstream(Upstream):
    class Protocol(asyncio.DatagramProtocol):
        def __init__(self, name):
            self.name = name

        def connection_made(self, transport):
            self.transport = transport

        def datagram_received(self, data, address):
            self.transport.sendto(self.name.encode() + b" " + data, address)

    async def start(self):
        loop = asyncio.get_running_loop()
        self.transport, _ = await loop.create_datagram_endpoint(
            lambda: self.Protocol(self.name), local_addr=(self.host, self.port))
        self.port = self.transport.get_extra_info("sockname")[1]

    async def die(self):
        self.transport.close()
