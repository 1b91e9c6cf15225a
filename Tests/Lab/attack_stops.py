"""Clients that connect while the agent stops: it ends with 0 and its state is saved, each time."""

import contextlib
import os
import random
import socket
import ssl
import threading
import time

import certificates
from attack_floods import request, upstream
from attacked_agent import Broken


class Clients:
    """Threads that connect, send a request and close, until after the agent has stopped listening."""

    def __init__(self, *kinds):
        self.is_over, self.count = threading.Event(), 0
        self.threads = [threading.Thread(target=self.run, args=(kind,), daemon=True) for kind in kinds]

    def run(self, kind):
        while not self.is_over.is_set():
            try:
                with contextlib.closing(kind()) as client:
                    client.settimeout(0.5)
                    if random.random() < 0.7:
                        client.recv(1000)
                    self.count += 1
            except OSError:
                time.sleep(0.001)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        for thread in self.threads:
            thread.join()


def run(attack):
    rounds, slowest, asked = (12 if attack.short else 200), 0, 0
    with upstream() as app, attack.agent(
            routes=f'app: {{host: 127.0.0.1, port: {app}}}\ntcp: {{host: 127.0.0.1, port: "0:{app}", scheme: tcp}}\n'
                   f'udp: {{host: 127.0.0.1, port: "0:{app}", scheme: udp}}\n',
            settings="notify:\n  - {name: program, exec: [/bin/true], first_up: true}") as agent:
        files = certificates.of_server(str(agent.directory / "tls"), "app.test")
        configuration = agent.directory / "pvescout.yml"
        configuration.write_text(configuration.read_text() + (
            'proxy: {http: "127.0.0.1:0", https: "127.0.0.1:0", '
            f'certificate: {files.certificate}, key: {files.key}, drain: 300ms}}\n'))
        context = ssl._create_unverified_context()
        context.set_alpn_protocols(["h2", "http/1.1"])
        for number in range(rounds):
            agent.start()
            http, https = agent.ports(2)
            tcp, udp = agent.listen("tcp"), agent.listen("udp")

            def dial(port, *said):
                client = socket.create_connection(("127.0.0.1", port), 1)
                for data in said:
                    client.sendall(data)
                return client

            def control():
                client = agent.dial(1)
                client.sendall(request("a", "GET", "/livez"))
                return client

            def tls():
                client = context.wrap_socket(socket.create_connection(("127.0.0.1", https), 1), server_hostname="app.test")
                client.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"
                               if client.selected_alpn_protocol() == "h2" else request("app.test"))
                return client

            def datagram():
                client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                client.connect(("127.0.0.1", udp))
                client.send(b"x")
                client.setblocking(False)
                return client

            kinds = [
                control, control, control, control, lambda: dial(http, request("app.test")), lambda: dial(http),
                lambda: dial(tcp, request("app.test")), tls, datagram]
            with Clients(*kinds) as clients:
                time.sleep(random.uniform(0.05, 0.3))
                for file in agent.state.glob("*.json"):
                    os.unlink(file)
                begun = time.monotonic()
                code = agent.stop(30)
                slowest = max(slowest, time.monotonic() - begun)
            asked += clients.count
            saved = {file.name for file in agent.state.glob("*.json")}
            if code or not saved >= {"health.json", "notifications.json"}:
                raise Broken(f"stop {number + 1}: the agent ended with {code}, saved {sorted(saved)}:\n{agent.last_words}")
    attack.expect(
        "stops under connecting clients", f"{rounds} stops, {asked} connections", f"0 and state saved; {slowest:.1f} s at most",
        slowest < 10, "10 s")
