"""Floods of HTTP/2 frames, and clients that send requests and read nothing."""

import contextlib
import os
import pathlib
import socket
import ssl
import subprocess
import sys
import time

import certificates
import hpack
from attack_floods import MOST, back_to_rest, routes, split, upstream
from attacked_agent import Broken, Watch
from hyperframe.frame import DataFrame, HeadersFrame, PingFrame, RstStreamFrame, SettingsFrame

FLOODS = [
    "rapid_reset", "ping_flood", "settings_flood", "priority_flood", "empty_data_flood", "continuation_flood",
    "empty_continuation_flood", "header_bomb"]


def conformance(attack, agent, port):
    """The floods of the conformance client: each ends its connection, and costs no memory."""
    for name in FLOODS:
        rounds = 1 if attack.short else 5
        with Watch(agent) as watch:
            for _ in range(rounds):
                said = subprocess.run(
                    [sys.executable, "-B", pathlib.Path(__file__).with_name("http2_conformance.py"), str(port),
                     "app.test", name], capture_output=True, text=True)
                if said.returncode:
                    raise Broken(f"{name}: {said.stdout}{said.stderr}")
        attack.expect(name, f"{rounds} connections", f"+{watch.growth:.0f} MB", watch.growth <= MOST, f"+{MOST} MB")
        back_to_rest(attack, agent, watch, name, f"{rounds} connections")


def connect(port):
    context = ssl._create_unverified_context()
    context.set_alpn_protocols(["h2"])
    client = context.wrap_socket(socket.create_connection(("127.0.0.1", port), 30), server_hostname="app.test")
    client.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    return client


def frames(host, method, resets, ends, first, count):
    """Requests; each stream is reset at once if `resets`, and its body does not end unless `ends`."""
    fields = [(":method", method), (":scheme", "https"), (":path", "/"), (":authority", host)]
    # Not in the dynamic table, so that one block can be used for every stream.
    block = hpack.Encoder().encode([hpack.NeverIndexedHeaderTuple(*field) for field in fields], huffman=False)
    flags, parts = ["END_HEADERS", "END_STREAM"] if ends else ["END_HEADERS"], []
    for stream in range(first, first + 2 * count, 2):
        parts.append(HeadersFrame(stream, block, flags=flags).serialize())
        if not ends:
            parts.append(DataFrame(stream, b"x").serialize())
        if resets:
            parts.append(RstStreamFrame(stream, 8).serialize())
    return b"".join(parts)


def unread(attack, agent, port, name, host, method, window=None, resets=False, ends=True):
    """Streams whose answers are not read, until the connection is closed or accepts no more."""
    deadline, streams, connections = time.monotonic() + (1 if attack.short else 10), 0, 0
    with Watch(agent) as watch:
        clients = []
        while time.monotonic() < deadline and connections < 50:
            client, first = connect(port), 1
            clients.append(client)
            connections += 1
            client.sendall(SettingsFrame(0, {4: window} if window is not None else {}).serialize())
            client.settimeout(0.5)
            while time.monotonic() < deadline:
                try:
                    client.sendall(frames(host, method, resets, ends, first, 100))
                except OSError:
                    break
                first, streams = first + 200, streams + 100
        time.sleep(0.3)
    for client in clients:
        client.close()
    attack.expect(
        name, f"{streams} streams, {connections} connections", f"+{watch.growth:.0f} MB", watch.growth <= MOST,
        f"+{MOST} MB")
    back_to_rest(attack, agent, watch, name, f"{streams} streams")


def held(attack, agent, port, silent, name, connections, most):
    """Bodies that wait for an upstream with a single connection, which is busy."""
    streams, pieces, sent = 100, 15, 0
    with Watch(agent) as watch, contextlib.ExitStack() as open_ones:
        busy, *clients = [open_ones.enter_context(connect(port)) for _ in range(1 + connections)]
        for each in busy, *clients:
            each.sendall(SettingsFrame(0, {}).serialize())
        busy.sendall(frames("silent.test", "GET", False, True, 1, 1))
        with silent.accept()[0] as upstream:
            upstream.recv(1)
            for client in clients:
                for stream in range(1, 2 * streams, 2):
                    client.sendall(frames("silent.test", "POST", False, False, stream, 1)
                                   + DataFrame(stream, b"x" * 16384).serialize() * pieces)
                    sent += pieces * 16384
    attack.expect(name, f"{sent >> 20} MB sent", f"+{watch.growth:.0f} MB", watch.growth <= most, f"+{most} MB")
    back_to_rest(attack, agent, watch, name, f"{sent >> 20} MB")


def until(peer, wanted, preface=0):
    """Reads frames, after a preface of that length, up to the first one of that type, and returns its payload."""
    received = b""
    while more := peer.recv(65536):
        received += more
        rest = received[preface:]
        while len(rest) >= 9 and len(rest) >= 9 + int.from_bytes(rest[:3], "big"):
            end = 9 + int.from_bytes(rest[:3], "big")
            if rest[3] == wanted.type:
                return rest[9:end]
            rest = rest[end:]
    raise Broken(f"the connection ended before {wanted.__name__}")


def until_request(upstream):
    """Reads the preface of an HTTP/2 client, and its frames up to HEADERS."""
    until(upstream, HeadersFrame, preface=24)


def talkative(attack, agent, port, server):
    """Upstreams that never come to their answer, for a client that reads nothing."""
    early = hpack.Encoder().encode([hpack.NeverIndexedHeaderTuple(":status", "103"),
                                    hpack.NeverIndexedHeaderTuple("link", "<" + "a" * 8000 + ">")], huffman=False)
    for name, block, most, ends in [
        ("interim heads of an upstream", HeadersFrame(1, early, flags=["END_HEADERS"]).serialize() * 8, 128, False),
        # Fewer pings than their rate allows.
        ("pings of an upstream that reads nothing", PingFrame(0, b"12345678").serialize() * 4000, 14, True),
    ]:
        with Watch(agent) as watch, connect(port) as client:
            client.sendall(SettingsFrame(0, {}).serialize() + frames("talk.test", "GET", False, True, 1, 1))
            with server.accept()[0] as upstream:
                upstream.sendall(SettingsFrame(0, {}).serialize())
                until_request(upstream)
                seconds = 60 if ends else 4 if attack.short else 20
                sent, ended, deadline = 0, False, time.monotonic() + seconds
                try:
                    while sent < most << 20 and time.monotonic() < deadline:
                        upstream.sendall(block)
                        sent += len(block)
                except OSError:
                    ended = True
        attack.expect(name, f"{sent >> 20} MB sent", f"+{watch.growth:.0f} MB", watch.growth <= MOST, f"+{MOST} MB")
        if ends:
            attack.expect(f"{name}, connection", f"{sent >> 20} MB sent", "ended" if ended else "open", ended, "ended")
        back_to_rest(attack, agent, watch, name, f"{sent >> 20} MB")


def cancelled(attack, agent, port, server):
    """Large heads that are reset at once, for an upstream that reads nothing: on the wire they take a few bytes each. A
    request in progress is still answered."""
    name, connections, streams = "large heads, cancelled", 3 if attack.short else 30, 900
    encoder, large = hpack.Encoder(), ("x-large", "a" * 3950)
    fields = [(":method", "GET"), (":scheme", "https"), (":path", "/"), (":authority", "talk.test")]
    request = encoder.encode([hpack.NeverIndexedHeaderTuple(*field) for field in fields], huffman=False)
    # The first one adds the field to the dynamic table, for all others.
    added, known = (encoder.encode([large], huffman=False) for _ in range(2))
    block = b""
    for number in range(streams):
        head = request + (known if number else added) + known * 6
        block += HeadersFrame(2 * number + 1, head, flags=["END_HEADERS", "END_STREAM"]).serialize()
        block += RstStreamFrame(2 * number + 1, 8).serialize()
    with Watch(agent) as watch, connect(port) as first:
        first.sendall(SettingsFrame(0, {}).serialize() + frames("talk.test", "GET", False, True, 1, 1))
        with server.accept()[0] as upstream:
            upstream.sendall(SettingsFrame(0, {}).serialize())
            until_request(upstream)
            for _ in range(connections):
                with connect(port) as client:
                    client.sendall(SettingsFrame(0, {}).serialize() + block + PingFrame(0, b"12345678").serialize())
                    until(client, PingFrame)
            # :status 200 of the static table.
            upstream.sendall(HeadersFrame(1, b"\x88", flags=["END_HEADERS", "END_STREAM"]).serialize())
            answer = until(first, HeadersFrame)
    done = f"{connections * streams} requests"
    attack.expect(name, done, f"+{watch.growth:.0f} MB", watch.growth <= MOST, f"+{MOST} MB")
    attack.expect(f"{name}, another request", done, "answered" if answer[:1] == b"\x88" else "lost",
                  answer[:1] == b"\x88", "answered")
    back_to_rest(attack, agent, watch, name, done)


def listener():
    """A server with a small buffer for unread bytes."""
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    server.bind(("127.0.0.1", 0))
    server.listen()
    server.settimeout(30)
    return server


def run(attack):
    with upstream() as app, listener() as silent, listener() as talk, attack.agent() as agent:
        files = certificates.of_server(str(agent.directory / "tls"), "app.test")
        configuration = agent.directory / "pvescout.yml"
        configuration.write_text(configuration.read_text() + (
            f'proxy: {{https: "127.0.0.1:0", certificate: {files.certificate}, key: {files.key}}}\n'))
        (agent.directory / "www").mkdir()
        (agent.directory / "www" / "index.html").write_text("hello")
        # What the conformance client expects of `app`.
        (agent.directory / "routes.yml").write_text(
            routes(agent.directory / "www", app).replace("app:", "up:").replace("files:", "app:")
            + f"silent: {{scheme: http, host: 127.0.0.1, port: {silent.getsockname()[1]}, max_conns_per_host: 1, "
              "healthcheck: {disable: true}}\n"
              f"talk: {{scheme: h2c, host: 127.0.0.1, port: {talk.getsockname()[1]}, "
              "healthcheck: {disable: true}}\n")
        port = agent.start().ports()[0]
        subprocess.run(
            [sys.executable, "-B", pathlib.Path(__file__).with_name("http2_conformance.py"), str(port), "app.test",
             "plain_request"], capture_output=True)
        conformance(attack, agent, port)
        # The stream has ended: its DATA is ignored.
        split(attack, agent, "frames", lambda: connect(port),
              SettingsFrame(0, {}).serialize() + frames("nowhere.test", "GET", False, True, 1, 1),
              DataFrame(1, b"x" * 16384).serialize())
        held(attack, agent, port, silent, "bodies that wait", 1, MOST)
        # 64 MB may wait on each event loop, of which there is one for each processor.
        processors = len(os.sched_getaffinity(0))
        held(attack, agent, port, silent, "bodies that wait on many connections", 6 * processors, 64 * processors + MOST)
        talkative(attack, agent, port, talk)
        cancelled(attack, agent, port, talk)
        for host in ["nowhere.test", "up.test", "app.test", "dead.test"]:
            unread(attack, agent, port, f"HEAD, unread: {host}", host, "HEAD")
            unread(attack, agent, port, f"GET, window of 0: {host}", host, "GET", window=0)
            unread(attack, agent, port, f"reset at once: {host}", host, "GET", resets=True)
            unread(attack, agent, port, f"bodies that do not end: {host}", host, "POST", ends=False)
            if attack.short:
                break
        if agent.stop():
            raise Broken("the agent did not end well after the floods")
