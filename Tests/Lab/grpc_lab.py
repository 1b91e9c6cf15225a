"""gRPC through the proxy, with gRPC's own library on both ends.

`serve` is the upstream, HTTP/2 in clear text: prints its port, and ends with its standard input. `check PORT CASE [HOST CA]`
is a client of the proxy, in clear text or over TLS: exits with 0 if all of the case went as it must.
"""

import asyncio
import hashlib
import os
import sys

import grpc

SERVICE = "lab.Service"
LARGE = 3_000_000
# Longer than the proxy's timeouts.idle in the test.
SILENCE = 2.5
OPTIONS = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1), ("grpc.enable_http_proxy", 0)]
cancelled = asyncio.Event()


async def echo(request, context):
    metadata = dict(context.invocation_metadata())
    await context.send_initial_metadata([("seen", metadata.get("asked", "nothing")), ("seen-bin", metadata.get("asked-bin", b""))])
    context.set_trailing_metadata([("sha256", hashlib.sha256(request).hexdigest()), ("end-bin", bytes(range(256)))])
    return request


async def refuse(request, context):
    context.set_trailing_metadata([("why", "for the test")])
    await context.abort(grpc.StatusCode.NOT_FOUND, "no such thing: é %\n")


async def silent(request, context):
    yield b"first"
    await asyncio.sleep(SILENCE)
    yield b"second"
    await asyncio.sleep(SILENCE)
    context.set_trailing_metadata([("end", "reached")])


async def count(request, context):
    for number in range(int(request)):
        yield b"%d " % number * 100
    context.set_trailing_metadata([("sent", request.decode())])


async def hold(request, context):
    try:
        yield b"held"
        await asyncio.Event().wait()
    finally:
        cancelled.set()


async def await_cancelled(request, context):
    await cancelled.wait()
    return b"cancelled"


async def collect(requests, context):
    digest = hashlib.sha256()
    async for request in requests:
        digest.update(request)
    return digest.hexdigest().encode()


async def converse(requests, context):
    async for request in requests:
        yield request.upper()


async def run_server():
    server = grpc.aio.server(options=OPTIONS)
    handlers = {
        "Echo": grpc.unary_unary_rpc_method_handler(echo),
        "Refuse": grpc.unary_unary_rpc_method_handler(refuse),
        "AwaitCancelled": grpc.unary_unary_rpc_method_handler(await_cancelled),
        "Silent": grpc.unary_stream_rpc_method_handler(silent),
        "Count": grpc.unary_stream_rpc_method_handler(count),
        "Hold": grpc.unary_stream_rpc_method_handler(hold),
        "Collect": grpc.stream_unary_rpc_method_handler(collect),
        "Converse": grpc.stream_stream_rpc_method_handler(converse),
    }
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(SERVICE, handlers)])
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(port, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    os._exit(0)


def client():
    port = sys.argv[2]
    if len(sys.argv) > 4:
        host, authority = sys.argv[4:]
        with open(authority, "rb") as file:
            credentials = grpc.ssl_channel_credentials(file.read())
        return grpc.aio.secure_channel(f"127.0.0.1:{port}", credentials, OPTIONS + [
            ("grpc.ssl_target_name_override", host), ("grpc.default_authority", host)])
    return grpc.aio.insecure_channel(f"127.0.0.1:{port}", OPTIONS + [("grpc.default_authority", "grpc.test")])


async def unary(channel):
    call_echo = channel.unary_unary(f"/{SERVICE}/Echo")
    for message in [b"", b"hello", os.urandom(LARGE)]:
        call = call_echo(message, metadata=[("asked", "something"), ("asked-bin", b"\x00\xff")], timeout=120)
        assert await call == message, len(message)
        initial, trailing = dict(await call.initial_metadata()), dict(await call.trailing_metadata())
        assert (initial["seen"], initial["seen-bin"]) == ("something", b"\x00\xff"), initial
        assert trailing["sha256"] == hashlib.sha256(message).hexdigest(), trailing
        assert trailing["end-bin"] == bytes(range(256)), trailing
        assert await call.code() == grpc.StatusCode.OK


async def refused(channel):
    """Only trailers, as the head."""
    for method, code, details, why in [("Refuse", grpc.StatusCode.NOT_FOUND, "no such thing: é %\n", "for the test"),
                                       ("Nothing", grpc.StatusCode.UNIMPLEMENTED, None, None)]:
        try:
            await channel.unary_unary(f"/{SERVICE}/{method}")(b"", timeout=120)
            raise AssertionError("it was answered")
        except grpc.aio.AioRpcError as error:
            assert error.code() == code, error
            assert details is None or error.details() == details, error
            assert dict(error.trailing_metadata()).get("why") == why, error


async def server_stream(channel):
    call = channel.unary_stream(f"/{SERVICE}/Count")(b"2000", timeout=120)
    received = [message async for message in call]
    assert received == [b"%d " % number * 100 for number in range(2000)]
    assert dict(await call.trailing_metadata())["sent"] == "2000"


async def silence(channel):
    """Streams that are silent for longer than a connection may be idle, beside others on the same connection."""
    calls = [channel.unary_stream(f"/{SERVICE}/Silent")(b"", timeout=120) for _ in range(3)]
    for call in calls:
        assert [message async for message in call] == [b"first", b"second"]
        assert dict(await call.trailing_metadata())["end"] == "reached"


async def cancels(channel):
    call = channel.unary_stream(f"/{SERVICE}/Hold")(b"")
    assert await call.read() == b"held"
    call.cancel()
    assert await channel.unary_unary(f"/{SERVICE}/AwaitCancelled")(b"", timeout=120) == b"cancelled"


async def client_stream(channel):
    messages = [os.urandom(10_000) for _ in range(300)]

    async def send():
        for message in messages:
            yield message

    answer = await channel.stream_unary(f"/{SERVICE}/Collect")(send(), timeout=120)
    assert answer == hashlib.sha256(b"".join(messages)).hexdigest().encode()


async def conversation(channel):
    """Each message waits for the answer to the previous one."""
    call = channel.stream_stream(f"/{SERVICE}/Converse")(timeout=120)
    for number in range(200):
        await call.write(b"message %d" % number)
        assert await call.read() == b"MESSAGE %d" % number
    await call.done_writing()
    assert await call.read() == grpc.aio.EOF


CASES = [unary, refused, server_stream, silence, cancels, client_stream, conversation]


async def check(case):
    async with client() as channel:
        await case(channel)


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        asyncio.run(run_server())
    else:
        asyncio.run(check({case.__name__: case for case in CASES}[sys.argv[3]]))
