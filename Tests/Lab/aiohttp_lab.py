"""HTTP/1.1 through the proxy, with aiohttp on both ends.

`serve` is the upstream: prints its port, and ends with its standard input. `check PORT CASE [HOST CA]` is a client of the
proxy, in clear text or over TLS: exits with 0 if all of the case went as it must.
"""

import asyncio
import hashlib
import os
import ssl
import sys

import aiohttp
from aiohttp import web

HOST = "127.0.0.1"


async def digest(request):
    """The result of a body, and its framing."""
    sha256 = hashlib.sha256()
    async for piece in request.content.iter_any():
        sha256.update(piece)
    return web.json_response({"sha256": sha256.hexdigest(), "chunked": request.headers.get("Transfer-Encoding"),
                              "length": request.headers.get("Content-Length")})


async def number(request):
    return web.Response(text=request.match_info["number"], headers={"Set-Cookie": "seen=1; Path=/"})


async def pieces(request):
    """In chunks; each waits until the client has confirmed the one before on another connection."""
    response = web.StreamResponse()
    await response.prepare(request)
    for number in range(5):
        await response.write(f"{number};".encode())
        await request.app["taken"].get()
    return response


async def taken(request):
    request.app["taken"].put_nowait(True)
    return web.Response()


async def chat(request):
    socket = web.WebSocketResponse(max_msg_size=0)
    await socket.prepare(request)
    async for message in socket:
        if message.data == "close":
            await socket.close(code=4001, message=b"as you asked")
        elif message.type is aiohttp.WSMsgType.TEXT:
            await socket.send_str(message.data)
        else:
            await socket.send_bytes(message.data)
    return socket


async def run_server():
    app = web.Application(client_max_size=0)
    app["taken"] = asyncio.Queue()
    app.add_routes([web.post("/digest", digest), web.get("/number/{number}", number), web.get("/pieces", pieces),
                    web.post("/taken", taken), web.get("/chat", chat)])
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, HOST, 0)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    os._exit(0)


class ProxyResolver(aiohttp.abc.AbstractResolver):
    """Resolves every name to the proxy."""

    async def resolve(self, host, port=0, family=0):
        return [{"hostname": host, "host": HOST, "port": port, "family": 2, "proto": 0, "flags": 0}]

    async def close(self):
        pass


def client(connections=100):
    port, options = sys.argv[2], {}
    base = f"http://web.test:{port}"
    if len(sys.argv) > 4:
        host, authority = sys.argv[4:]
        base, options["ssl"] = f"https://{host}:{port}", ssl.create_default_context(cafile=authority)
    connector = aiohttp.TCPConnector(limit=connections, resolver=ProxyResolver(), **options)
    return aiohttp.ClientSession(base, connector=connector, timeout=aiohttp.ClientTimeout(total=120), trust_env=False)


async def pools():
    """Many requests over a few reused connections."""
    async with client(connections=8) as session:
        async def ask(number):
            async with session.get(f"/number/{number}") as response:
                assert response.status == 200 and await response.text() == str(number)
                assert response.cookies["seen"].value == "1"
                assert response.headers.get("Connection", "keep-alive").lower() == "keep-alive"

        await asyncio.gather(*(ask(number) for number in range(1000)))
        # All idle, none closed.
        assert sum(map(len, session.connector._conns.values())) == 8, session.connector._conns


async def uploads():
    body = os.urandom(5_000_000)

    async def in_chunks():
        for start in range(0, len(body), 70_001):
            yield body[start:start + 70_001]

    async with client() as session:
        for data, chunked in [(in_chunks(), "chunked"), (body, None)]:
            async with session.post("/digest", data=data) as response:
                answer = await response.json()
                assert answer["sha256"] == hashlib.sha256(body).hexdigest(), answer
                assert answer["chunked"] == chunked and (answer["length"] is None) == bool(chunked), answer


async def downloads():
    """Each chunk arrives when it is sent."""
    async with client() as session:
        async with session.get("/pieces") as response:
            assert response.headers["Transfer-Encoding"] == "chunked"
            received = b""
            for number in range(5):
                while not received.endswith(f"{number};".encode()):
                    received += await response.content.readany()
                async with session.post("/taken") as answer:
                    assert answer.status == 200
            assert await response.content.read() == b"" and received == b"0;1;2;3;4;"


async def chats():
    async with client() as session, session.ws_connect("/chat", max_msg_size=0, compress=15) as socket:
        for size in [0, 1, 125, 126, 65535, 65536, 2_000_000]:
            await socket.send_bytes(data := os.urandom(size))
            assert await socket.receive_bytes() == data
            await socket.send_str("é" * size)
            assert await socket.receive_str() == "é" * size
        await socket.send_str("close")
        closed = await socket.receive()
        assert (closed.type, closed.data, closed.extra) == (aiohttp.WSMsgType.CLOSE, 4001, "as you asked"), closed


CASES = [pools, uploads, downloads, chats]

if __name__ == "__main__":
    if sys.argv[1] == "serve":
        asyncio.run(run_server())
    else:
        asyncio.run({case.__name__: case for case in CASES}[sys.argv[3]]())
