"""Clients that send too much, too slowly, or read nothing: HTTP/1.1 and the control socket."""

import array
import contextlib
import fcntl
import http.server
import json
import select
import selectors
import socket
import termios
import threading
import time

import network
from attacked_agent import Broken, Watch, eventually

# RSS returns to within this share of its former value, or this many MB: an idle agent has 5 MB of its own beside the
# pages of its program, and a heap that has served thousands of connections keeps about 10 MB, however many follow.
MORE, FLOOR = 0.2, 16
# The most that a flood may use meanwhile, in MB, and per connection, in KB.
MOST, MOST_PER_CONNECTION = 48, 48
# The seconds after which the system's buffers for unread answers are full, some MB on loopback.
STOPS = 30


class Upstream(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = b"x" * 1000
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads, request_queue_size = True, 512

    def handle_error(self, *_):
        pass


@contextlib.contextmanager
def upstream():
    server = Server(("127.0.0.1", 0), Upstream)
    while network.implies_https(server.server_address[1]):
        server.server_close()
        server = Server(("127.0.0.1", 0), Upstream)
    with server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def routes(directory, port):
    return (f"app: {{host: 127.0.0.1, port: {port}, healthcheck: {{disable: true}}}}\n"
            "dead: {host: 127.0.0.1, port: 1, healthcheck: {disable: true}}\n"
            f"files: {{scheme: fileserver, root: {directory}}}\n")


def connect(port, receives=None):
    """A connection; `receives` is the size of the system's buffer for unread bytes."""
    client = socket.socket()
    if receives:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receives)
    client.settimeout(30)
    client.connect(("127.0.0.1", port))
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client


def request(host, method="GET", path="/", *lines):
    return "\r\n".join([f"{method} {path} HTTP/1.1", f"Host: {host}", *lines, "", ""]).encode()


def waiting(client):
    """Bytes that the client sent and the agent has not read: those in the buffers of both sockets, which grow as the system
    likes. Of a Unix socket the buffers are small and fixed."""
    if client.family == socket.AF_UNIX:
        return 0
    unacknowledged = array.array("i", [0])
    fcntl.ioctl(client, termios.TIOCOUTQ, unacknowledged)
    ends = [f":{port:04X}" for port in (client.getpeername()[1], client.getsockname()[1])]
    with open("/proc/net/tcp") as table:
        for row in (line.split() for line in table):
            if row[1].endswith(ends[0]) and row[2].endswith(ends[1]):
                return unacknowledged[0] + int(row[4].partition(":")[2], 16)
    return unacknowledged[0]


def warm(agent, port):
    """Memory that serving uses once is no leak."""
    with connect(port) as client:
        for host in ["app.test", "nowhere.test", "files.test", "dead.test"] * 50:
            with contextlib.suppress(OSError):
                client.sendall(request(host, "HEAD"))
                client.recv(65536)
    agent.ask("/v1/routes")


def back_to_rest(attack, agent, watch, name, done):
    """Memory and descriptors return to their former values."""
    limit = max(watch.memory_before * (1 + MORE), watch.memory_before + FLOOR)
    agent.lives(name)
    agent.ask("/v1/reload", "POST")
    # Once a minute, the agent returns unused memory.
    deadline = time.monotonic() + 75
    while (agent.memory > limit or agent.descriptors > watch.descriptors_before + 4) and time.monotonic() < deadline:
        time.sleep(0.2)
    memory, descriptors = agent.memory, agent.descriptors
    attack.expect(
        f"{name}, memory after", done, f"{watch.memory_before:.0f}, then {memory:.0f} MB", memory <= limit,
        f"{limit:.0f} MB: {MORE * 100:.0f} % or {FLOOR} MB more")
    attack.expect(
        f"{name}, descriptors after", done, f"{watch.descriptors_before}, then {descriptors}",
        descriptors <= watch.descriptors_before + 4, "4 more")


def pipelined(attack, agent, name, dial, data):
    """Requests one after the other on one connection; no answer is read."""
    begun, sent, taken, rest = time.monotonic(), 0, 0, b""
    quiet = begun
    with Watch(agent) as watch, dial() as client, selectors.DefaultSelector() as selector:
        client.setblocking(False)
        selector.register(client, selectors.EVENT_WRITE)
        block = data * max(1, 65536 // len(data))
        # The agent no longer reads it, for a while.
        while time.monotonic() - quiet < (0.5 if attack.short else 3) and time.monotonic() - begun < STOPS:
            rest = rest or block
            if selector.select(0.05):
                try:
                    count = client.send(rest)
                    sent, rest = sent + count, rest[count:]
                except BlockingIOError:
                    pass
                except OSError:
                    break
            if (now := sent - waiting(client)) > taken:
                taken, quiet = now, time.monotonic()
        seconds = time.monotonic() - begun
    attack.expect(
        f"pipelined, unread: {name}", f"{taken // len(data)} requests read", f"no more after {quiet - begun:.1f} s",
        seconds < STOPS, f"{STOPS} s: reading stops while answers wait")
    attack.expect(
        f"pipelined, unread: {name}, memory", f"{taken // len(data)} requests", f"+{watch.growth:.0f} MB",
        watch.growth <= MOST / 2, f"+{MOST // 2} MB")
    back_to_rest(attack, agent, watch, f"pipelined, unread: {name}", f"{taken // len(data)} requests")


def split(attack, agent, name, dial, first, data):
    """Bytes whose writes always end inside a request or a frame, so that some are always left; answers are read."""
    begun, sent, most = time.monotonic(), len(first), (64 if attack.short else 256) << 20
    block = data * max(1, 65536 // len(data))
    block = block[1:] + block[:1]
    with Watch(agent) as watch, dial() as client:
        with contextlib.suppress(OSError):
            client.sendall(first + data[:1])
            # The agent may end the connection.
            while sent < most and time.monotonic() - begun < STOPS:
                client.sendall(block)
                sent += len(block)
                while select.select([client], [], [], 0)[0] and client.recv(1 << 20):
                    pass
    attack.expect(f"split: {name}", f"{sent >> 20} MB sent", f"+{watch.growth:.0f} MB", watch.growth <= MOST / 2,
                  f"+{MOST // 2} MB")
    back_to_rest(attack, agent, watch, f"split: {name}", f"{sent >> 20} MB")


def slow(attack, agent, name, count, dial, first, piece, patience, pause=0.5):
    """Connections that send a byte from time to time are closed."""
    clients = []
    with Watch(agent) as watch:
        for _ in range(count):
            clients.append(dial())
            clients[-1].sendall(first)
        begun, open_clients = time.monotonic(), list(clients)
        while open_clients and time.monotonic() - begun < patience + 5:
            time.sleep(pause)
            for client in list(open_clients):
                client.setblocking(False)
                try:
                    client.send(piece)
                    ended = client.recv(65536) == b""
                except BlockingIOError:
                    ended = False
                except OSError:
                    ended = True
                if ended:
                    open_clients.remove(client)
                    client.close()
        lasted = time.monotonic() - begun
    for client in clients:
        client.close()
    attack.expect(name, f"{count} connections", f"{len(open_clients)} open after {lasted:.0f} s", not open_clients,
                  f"none after {patience} s")
    bound = count * MOST_PER_CONNECTION / 1024 + 8
    attack.expect(f"{name}, memory", f"{count} connections", f"+{watch.growth:.0f} MB", watch.growth <= bound,
                  f"+{bound:.0f} MB")
    return watch


def crowd(attack, agent, port):
    """Connections that send nothing, and then all close."""
    count, clients, refused = (600 if attack.short else 3000), [], 0
    with Watch(agent) as watch:
        for _ in range(count):
            try:
                clients.append(connect(port))
            except OSError:
                refused += 1
        agent.lives("a crowd of idle connections")
        time.sleep(1)
    bound = count * MOST_PER_CONNECTION / 1024 + 8
    attack.expect("idle connections", f"{count} ({refused} refused)", f"+{watch.growth:.0f} MB", watch.growth <= bound,
                  f"+{bound:.0f} MB")
    for client in clients:
        client.close()
    back_to_rest(attack, agent, watch, "idle connections", f"{count}")


def reconnecting(attack, agent, port):
    """Connections that send a request and close without reading."""
    seconds, counts = (3 if attack.short else 15), [0] * 4
    deadline = time.monotonic() + seconds

    def run(number):
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), connect(port) as client:
                client.sendall(request("files.test") + request("app.test"))
                counts[number] += 1

    with Watch(agent) as watch:
        threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    attack.expect("connect, ask, go", f"{sum(counts)} connections", f"+{watch.growth:.0f} MB", watch.growth <= MOST,
                  f"+{MOST} MB")
    back_to_rest(attack, agent, watch, "connect, ask, go", f"{sum(counts)} connections")


def unread_events(attack, agent):
    """Clients of the event stream that read nothing while there are many events."""
    clients = [agent.dial() for _ in range(20)]
    with Watch(agent) as watch:
        for client in clients:
            client.sendall(request("a", "GET", "/v1/events?since=1"))
        for _ in range(30 if attack.short else 300):
            agent.ask("/v1/reload", "POST")
    for client in clients:
        client.close()
    attack.expect("unread events", "20 readers", f"+{watch.growth:.0f} MB", watch.growth <= MOST, f"+{MOST} MB")
    back_to_rest(attack, agent, watch, "unread events", "20 readers")


def run(attack):
    with upstream() as app, attack.agent(
            proxy='http: "127.0.0.1:0", timeouts: {request_header: 3s, response_header: 3s, idle: 20s}') as agent:
        (agent.directory / "www").mkdir()
        (agent.directory / "www" / "index.html").write_text("x" * 100_000)
        (agent.directory / "routes.yml").write_text(routes(agent.directory / "www", app))
        port = agent.start().ports()[0]
        eventually("the routes are there", lambda: len(json.loads(agent.ask("/v1/routes")[1])["routes"]) == 3)
        warm(agent, port)
        tcp = lambda: connect(port, 4096)
        for name, dial, data in [
            ("404", tcp, request("nowhere.test")), ("502", tcp, request("dead.test")),
            ("HEAD of a file", tcp, request("files.test", "HEAD")), ("304 of a file", tcp, request(
                "files.test", "GET", "/", "If-None-Match: *")),
            ("a file", tcp, request("files.test")), ("an upstream", tcp, request("app.test")),
            ("HEAD of an upstream", tcp, request("app.test", "HEAD")),
            ("control socket", agent.dial, request("a", "GET", "/v1/openapi.json")),
            ("control socket, HEAD", agent.dial, request("a", "HEAD", "/livez")),
            ("control socket, 404", agent.dial, request("a", "GET", "/nowhere")),
        ]:
            pipelined(attack, agent, name, dial, data)
        for name, dial, host in [("heads", lambda: connect(port), "nowhere.test"), ("control socket", agent.dial, "a")]:
            split(attack, agent, name, dial, b"", request(host, "GET", "/nowhere", "X: " + "x" * 4000))
        count = 100 if attack.short else 500
        watch = slow(attack, agent, "slow heads", count, tcp, b"GET / HTTP/1.1\r\nHost: app.test\r\nX: ", b"x", 10)
        back_to_rest(attack, agent, watch, "slow heads", f"{count} connections")
        crowd(attack, agent, port)
        reconnecting(attack, agent, port)
        unread_events(attack, agent)
        if not attack.short:
            # The control socket allows a minute.
            for name, first in [("heads", b"GET /livez HTTP/1.1\r\nHost: a\r\nX: "),
                                ("bodies", request("a", "POST", "/v1/reload", "Content-Length: 100000"))]:
                watch = slow(attack, agent, f"slow {name}, control socket", 20, agent.dial, first, b"x", 75, pause=1)
                back_to_rest(attack, agent, watch, f"slow {name}, control socket", "20 connections")
        if agent.stop():
            raise Broken("the agent did not end well after the floods")
