"""WebSocket through the proxy, with an independent library on both ends.

`serve [HOST PORT CERTIFICATE KEY]` is the upstream, in clear text or over TLS: prints its port, and ends with its standard
input. `check PORT CASE [HOST CA]` is a client of the proxy, which over TLS asks for a host and believes a CA: exits with 0
if all of the case went as it must.
"""

import asyncio
import contextlib
import os
import random
import ssl
import sys

from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode

HOST = "127.0.0.1"


async def upstream(socket):
    path = socket.request.path
    if path == "/early":
        await socket.send("before you asked")
    with contextlib.suppress(ConnectionClosed):
        await obey(socket)


async def obey(socket):
    async for message in socket:
        if message == "close":
            await socket.close(4001, "as you asked")
        elif message == "vanish":
            socket.transport.abort()
        elif message == "ping me":
            await (await socket.ping(b"from upstream"))
            await socket.send("pong came")
        elif message == "headers":
            await socket.send(f"{socket.request.headers.get('X-Forwarded-For')} {socket.subprotocol}")
        else:
            await socket.send(message)


def select(_, offered):
    return "binary" if "binary" in offered else None


async def run_server(host=HOST, port="0", *files):
    tls = None
    if files:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(*files)
    async with serve(upstream, host, int(port), ssl=tls, max_size=None, ping_interval=None,
                     select_subprotocol=select) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.to_thread(sys.stdin.read)
        os._exit(0)


def client(port, path="/", **options):
    url = f"ws://web.test{path}"
    if len(sys.argv) > 4:
        host, authority = sys.argv[4:]
        url = f"wss://{host}{path}"
        options["ssl"] = ssl.create_default_context(cafile=authority)
    return connect(url, host=HOST, port=port, proxy=None, max_size=None, ping_interval=None,
                   open_timeout=120, close_timeout=120, **options)


async def echoes(port):
    async with client(port) as socket:
        for size in [0, 1, 125, 126, 65535, 65536, 5_000_000]:
            for message in [random.randbytes(size), "é" * size]:
                await socket.send(message)
                assert await socket.recv() == message, size


async def interleaves(port):
    async with client(port) as socket:
        messages = [random.randbytes(random.randint(0, 20_000)) for _ in range(300)]

        async def send():
            for message in messages:
                await socket.send(message)

        sending = asyncio.create_task(send())
        for message in messages:
            assert await socket.recv() == message
        await sending


async def fragments(port):
    async with client(port) as socket:
        parts = [b"one", b"", b"two" * 50_000, b"three"]
        await socket.send(parts)
        assert await socket.recv() == b"".join(parts)


async def pings(port):
    async with client(port) as socket:
        await (await socket.ping(b"from client"))
        await socket.send("ping me")
        assert await socket.recv() == "pong came"


async def closes(port):
    async with client(port) as socket:
        await socket.send("close")
        try:
            await socket.recv()
            raise AssertionError("it stayed open")
        except ConnectionClosed as closed:
            assert (closed.rcvd.code, closed.rcvd.reason) == (4001, "as you asked"), closed
    async with client(port) as socket:
        await socket.close(4002, "mine")
        assert socket.close_code == 4002, socket.close_code


async def vanishes(port):
    """The end of an upstream closes its clients."""
    async with client(port) as socket:
        await socket.send("vanish")
        try:
            await socket.recv()
            raise AssertionError("it stayed open")
        except ConnectionClosed as closed:
            assert closed.rcvd is None or closed.rcvd.code == CloseCode.ABNORMAL_CLOSURE


async def early(port):
    """Bytes that the upstream sends directly after its 101 arrive."""
    for _ in range(20):
        async with client(port, "/early") as socket:
            assert await socket.recv() == "before you asked"


async def negotiates(port):
    async with client(port, subprotocols=["other", "binary"], additional_headers={"X-Forwarded-For": "1.2.3.4"}) as socket:
        assert socket.subprotocol == "binary"
        await socket.send("headers")
        assert await socket.recv() == "127.0.0.1 binary"


CASES = [echoes, interleaves, fragments, pings, closes, vanishes, early, negotiates]

if __name__ == "__main__":
    if sys.argv[1] == "serve":
        asyncio.run(run_server(*sys.argv[2:]))
    else:
        asyncio.run({case.__name__: case for case in CASES}[sys.argv[3]](int(sys.argv[2])))
