"""Names that do not resolve because the nameserver is silent: other routes continue."""

import contextlib
import json
import os
import socket
import subprocess
import threading
import time

from attack_floods import connect, request, upstream
from attacked_agent import Watch, eventually

DEAD = 150


class SilentNames:
    """A nameserver on 127.0.0.1:53 that receives and answers nothing."""

    def __enter__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.53", 53))
        self.asked, self.first, self.is_over = 0, None, False
        threading.Thread(target=self.hear, daemon=True).start()
        return self

    def hear(self):
        while not self.is_over:
            with contextlib.suppress(OSError):
                query = self.socket.recv(4096)
                # Behind 12 bytes: the first label, with its length before it (RFC 1035 §4.1.2).
                label = query[13:13 + query[12]].decode()
                if self.first is None and label.startswith("dead") and label[4:].isdigit():
                    self.first = label, time.monotonic()
                self.asked += 1

    def __exit__(self, *_):
        self.is_over = True
        self.socket.close()


def get(port, host, timeout):
    """The seconds until the head of an answer arrives, and its status."""
    begun = time.monotonic()
    with connect(port) as client:
        client.settimeout(timeout)
        client.sendall(request(host))
        status = int(client.recv(100).split(b" ")[1])
    return time.monotonic() - begun, status


def get_sound(port, host, limit):
    """The same for a sound route. If the machine stalls, the first request is slow and the next one is not."""
    seconds, status = get(port, host, 60)
    if seconds < limit or status != 200:
        return seconds, status
    again, status = get(port, host, 60)
    return min(seconds, again), status


def run(attack):
    if os.geteuid() or subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode:
        attack.expect("dead names", "nothing: only root can change the server of names", "-", True, "-")
        return
    with SilentNames() as names, upstream() as app, attack.agent(proxy='http: "127.0.0.1:0"') as agent:
        resolver = agent.directory / "resolv.conf"
        resolver.write_text("nameserver 127.0.0.53\n")
        dead = "".join(f"dead{n}: {{host: dead{n}.invalid.test, port: 80, healthcheck: {{interval: 1s}}}}\n"
                       for n in range(DEAD))
        dead += 'tcp: {host: dead-tcp.invalid.test, port: "0:80", scheme: tcp}\n'
        dead += 'udp: {host: dead-udp.invalid.test, port: "0:80", scheme: udp}\n'
        www = agent.directory / "www"
        www.mkdir()
        (www / "index.html").write_text("hello")
        sound = (f"app: {{host: 127.0.0.1, port: {app}}}\nnamed: {{host: localhost, port: {app}}}\n"
                 f"files: {{scheme: fileserver, root: {www}}}\n")
        (agent.directory / "routes.yml").write_text(sound)
        agent.start(prefix=["unshare", "-m", "sh", "-c", f'mount --bind {resolver} /etc/resolv.conf && exec "$@"', "sh"])
        port = agent.ports()[0]
        eventually("the sound name is served", lambda: get(port, "named.test", 60)[1] == 200)
        (agent.directory / "routes.yml").write_text(dead + sound)
        agent.ask("/v1/reload", "POST")
        with Watch(agent) as watch:
            clients = []
            for n in range(60):
                clients.append(connect(port))
                clients[-1].sendall(request(f"dead{n % DEAD}.test"))
            for _ in range(20):
                clients.append(socket.create_connection(("127.0.0.1", agent.listen("tcp"))))
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
                for _ in range(200):
                    datagrams.sendto(b"x", ("127.0.0.1", agent.listen("udp")))
            slowest, count, deadline = 0, 0, time.monotonic() + (4 if attack.short else 60)
            while time.monotonic() < deadline:
                for host in ["app.test", "named.test", "files.test"]:
                    seconds, status = get_sound(port, host, 3)
                    slowest, count = max(slowest, seconds), count + 1
                    if status != 200:
                        attack.expect(f"{host} beside dead names", "1 request", status, False, "200")
                time.sleep(0.1)
        attack.expect("sound routes beside dead names", f"{count} requests, {DEAD + 2} dead names", f"{slowest:.1f} s at most",
                      slowest < 3, "3 s")
        attack.expect("threads", f"{DEAD + 2} dead names", f"{watch.threads}", watch.threads <= 64, "64")
        attack.expect("memory", f"{DEAD + 2} dead names", f"+{watch.growth:.0f} MB", watch.growth <= 48, "+48 MB")
        # The agent waits for 2 s, and machines are slow.
        name, asked_at = eventually("a dead name is asked", lambda: names.first)
        time.sleep(max(0, asked_at + 6 - time.monotonic()))
        # An agent that asked again would be slow each time.
        answers = [get(port, f"{name}.test", 60) for _ in range(5)]
        seconds, statuses = min(seconds for seconds, _ in answers), {status for _, status in answers}
        attack.expect("a dead name that failed before", "5 requests", f"{statuses} after {seconds:.1f} s at least",
                      statuses <= {502, 503, 504} and seconds < 1, "at once")
        healthy = lambda alias: json.loads(agent.ask(f"/v1/health/{alias}")[1])["status"]
        eventually("sound routes are healthy", lambda: {healthy(a) for a in ["app", "named", "files"]} == {"healthy"})
        attack.expect("stop", f"{names.asked} queries", agent.stop(), agent.process.returncode == 0, "0")
        for client in clients:
            client.close()
