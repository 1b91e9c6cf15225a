"""Too few descriptors: the agent continues, answers on its socket, and marks no route as down."""

import contextlib
import json
import socket
import threading
import time

from attacked_agent import PATIENCE, Broken, eventually
from attack_floods import connect, request, upstream


def health(agent, alias):
    return json.loads(agent.ask(f"/v1/health/{alias}")[1])["status"]


def crowd(port, count):
    clients = []
    for _ in range(count):
        with contextlib.suppress(OSError):
            client = socket.socket()
            client.setblocking(False)
            clients.append(client)
            client.connect_ex(("127.0.0.1", port))
    return clients


def starved(attack, limit, app):
    name = f"ulimit -n {limit}"
    with attack.agent(proxy='http: "127.0.0.1:0"') as agent:
        www = agent.directory / "www"
        www.mkdir()
        (www / "index.html").write_text("hello")
        # A slow machine is no reason for a route to be down.
        check = "healthcheck: {timeout: 20s}"
        (agent.directory / "routes.yml").write_text(
            f"files: {{scheme: fileserver, root: {www}, {check}}}\napp: {{host: 127.0.0.1, port: {app}, {check}}}\n")
        agent.spawn(descriptors=limit)
        with contextlib.suppress(Broken):
            eventually("it answers", agent.answers)
        if agent.process.poll() is not None:
            lines = agent.log.strip().splitlines()
            attack.expect(
                f"{name}, start", "1 start", f"ended with {agent.process.returncode}, {len(lines)} lines",
                agent.process.returncode == 1 and len(lines) == 1 and f"{limit} open files" in lines[0], "1, and one line that says so")
            return
        port = agent.ports()[0]
        eventually("the routes are healthy", lambda: health(agent, "files") == health(agent, "app") == "healthy")
        clients, seconds, asked = crowd(port, 4 * limit), (4 if attack.short else 20), 0
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            agent.lives(f"{name}, {4 * limit} connections")
            for alias in ["files", "app"]:
                asked += 1
                if (status := health(agent, alias)) != "healthy":
                    raise Broken(f"{name}: {alias} is {status} while descriptors are short; its log:\n{agent.last_words}")
            time.sleep(0.2)
        attack.expect(
            f"{name}, idle connections", f"{4 * limit} connections", f"{agent.descriptors} descriptors, healthy {asked} times",
            agent.descriptors <= limit - 8, f"{limit - 8} descriptors")
        with connect(port) as client:
            client.settimeout(20)
            client.sendall(request("files.test"))
            answer = client.recv(65536)
        attack.expect(f"{name}, a client beside them", "1 request", answer[:15].decode(), b" 200 " in answer[:15],
                      "200: the oldest idle one goes")
        for client in clients:
            client.close()
        # Requests that hold two descriptors each.
        threads, counts = [], [0, 0]

        def is_over():
            # On a slow machine, the first answer may take longer.
            return time.monotonic() >= (deadline if counts[1] else deadline + PATIENCE)

        def ask():
            while not is_over():
                with contextlib.suppress(OSError), connect(port) as client:
                    client.settimeout(5)
                    client.sendall(request("app.test", "GET", "/"))
                    counts[b" 200 " in client.recv(100)] += 1

        deadline = time.monotonic() + seconds
        for _ in range(limit // 2):
            threads.append(threading.Thread(target=ask, daemon=True))
            threads[-1].start()
        while not is_over():
            agent.lives(f"{name}, {limit // 2} clients")
            time.sleep(0.2)
        for thread in threads:
            thread.join(20)
        attack.expect(f"{name}, busy clients", f"{sum(counts)} requests", f"{counts[1]} answered", counts[1] > 0, "some")
        eventually("the routes are healthy again", lambda: health(agent, "files") == health(agent, "app") == "healthy")
        if code := agent.stop():
            raise Broken(f"{name}: the agent ended with {code}:\n{agent.last_words}")


def run(attack):
    with upstream() as app:
        for limit in [256, 64, 20]:
            starved(attack, limit, app)
