"""Floods of HTTP/2 frames, and clients that send requests and read nothing."""

import pathlib
import socket
import ssl
import subprocess
import sys
import time

import certificates
import hpack
from attack_floods import MOST, back_to_rest, routes, upstream
from attacked_agent import Broken, Watch
from hyperframe.frame import DataFrame, HeadersFrame, RstStreamFrame, SettingsFrame

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


def run(attack):
    with upstream() as app, attack.agent() as agent:
        files = certificates.of_server(str(agent.directory / "tls"), "app.test")
        configuration = agent.directory / "pvescout.yml"
        configuration.write_text(configuration.read_text() + (
            f'proxy: {{https: "127.0.0.1:0", certificate: {files.certificate}, key: {files.key}}}\n'))
        (agent.directory / "www").mkdir()
        (agent.directory / "www" / "index.html").write_text("hello")
        # What the conformance client expects of `app`.
        (agent.directory / "routes.yml").write_text(
            routes(agent.directory / "www", app).replace("app:", "up:").replace("files:", "app:"))
        port = agent.start().ports()[0]
        subprocess.run(
            [sys.executable, "-B", pathlib.Path(__file__).with_name("http2_conformance.py"), str(port), "app.test",
             "plain_request"], capture_output=True)
        conformance(attack, agent, port)
        for host in ["nowhere.test", "up.test", "app.test", "dead.test"]:
            unread(attack, agent, port, f"HEAD, unread: {host}", host, "HEAD")
            unread(attack, agent, port, f"GET, window of 0: {host}", host, "GET", window=0)
            unread(attack, agent, port, f"reset at once: {host}", host, "GET", resets=True)
            unread(attack, agent, port, f"bodies that do not end: {host}", host, "POST", ends=False)
            if attack.short:
                break
        if agent.stop():
            raise Broken("the agent did not end well after the floods")
