"""A hostile PVE: impossible numbers, echoed tokens, endless bodies, wrong types, truncated JSON."""

import json
import time

import certificates
from attacked_agent import Broken, Watch, eventually
from hostile_pve import SECRET, HostilePVE

NUMBERS = [
    2**63 - 1, -2**63, 2**63, 2**64, 9_200_000_000_000_000, 1e308, -1e308, 0, -1, 0.5, "9223372036854775808", "text", "",
    None, True, [], {}, [[]], {"a": 1}]
PATHS = ["/v1/guests", "/v1/nodes", "/v1/clusters", "/v1/routes", "/v1/routes/web/explain", "/v1/health?view=history",
         "/metrics", "/readyz", "/v1/providers", "/v1/lookup?alias=web"]


def replace(value, change):
    """A copy with each leaf replaced by `change` of its key and value."""
    def walk(key, value):
        if isinstance(value, dict):
            return {name: walk(name, member) for name, member in value.items()}
        if isinstance(value, list):
            return [walk(key, member) for member in value]
        return change(key, value)
    return walk(None, value)


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def raw(*parts):
    """Sends bytes that are not valid HTTP."""
    def send(handler):
        for part in parts:
            handler.wfile.write(part)
    return send


def endless(handler):
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        piece = b'{"a":1},' * 8192
        handler.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))


def endless_head(handler):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        handler.wfile.write(b"X-Long: " + b"x" * 8000 + b"\r\n")


def lies():
    """Each lie with its name."""
    for number in NUMBERS:
        yield f"numbers are {number!r}", lambda path, answer, n=number: replace(
            answer, lambda key, value: n if is_number(value) else value)
        yield f"all but names are {number!r}", lambda path, answer, n=number: replace(
            answer, lambda key, value: value if key in ("name", "node", "type", "id", "vmid", "iface") else n)
    for text in ["x" * 8_000_000, "\0\x1b[31m\r\n", "../../etc", SECRET, f"PVEAPIToken=pvescout@pve!agent={SECRET}"]:
        yield f"texts are {text[:30]!r}", lambda path, answer, t=text: replace(
            answer, lambda key, value: t if isinstance(value, str) and key not in ("type", "node", "id") else value)
    whole = json.dumps({"data": [{"type": "lxc", "vmid": 101, "name": "web", "node": "pve1", "status": "running"}]}).encode()
    for name, body in [
        ("cut JSON", whole[:-20]), ("empty", b""), ("null", b"null"), ("text", b'"text"'), ("no UTF-8", b'{"data":"\xff\xfe"}'),
        ("deep", b'{"data":' + b"[" * 200_000), ("deep and whole", b'{"data":' + b"[" * 5000 + b"]" * 5000 + b"}"),
        ("long number", b'{"data":' + b"9" * 1_000_000 + b"}"), ("long exponent", b'{"data":[{"vmid":1e999999999}]}'),
        ("twice", whole + whole), ("many keys", b'{"data":{' + b",".join(b'"%d":1' % n for n in range(200_000)) + b"}}"),
        ("many guests", json.dumps({"data": [
            {"type": "lxc", "vmid": n, "name": f"g{n}", "node": "pve1", "status": "running"} for n in range(60_000)]}).encode()),
    ]:
        yield name, lambda path, answer, b=body: b
    echo = f"PVEAPIToken=pvescout@pve!agent={SECRET}".encode()
    for name, send in [
        ("token in the reason", raw(b"HTTP/1.1 500 " + echo + b"\r\nContent-Length: 0\r\n\r\n")),
        ("token in the message", raw(
            b"HTTP/1.1 403 no\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n",
            json.dumps({"data": None, "message": f"not for {SECRET}"}).encode())),
        ("token in a redirect", raw(b"HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1:1/" + echo + b"\r\nContent-Length: 0\r\n\r\n")),
        ("token in a bad head", raw(b"HTTP/1.1 abc " + echo + b"\r\n\r\n")),
        ("token as type", raw(
            b"HTTP/1.1 200 OK\r\nContent-Type: " + echo + b"\r\nContent-Length: 7\r\n\r\n" + SECRET[:7].encode())),
        ("no HTTP", raw(b"\0" * 100_000)), ("endless body", endless), ("endless head", endless_head),
        ("length that lies", raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n{}")),
        ("negative length", raw(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}")),
        ("gzip bomb", bomb),
    ]:
        yield name, lambda path, answer, s=send: s


def bomb(handler):
    import gzip
    body = gzip.compress(b" " * 200_000_000, 9)
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Encoding", "gzip")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def look(agent, name):
    """Every answer of the agent arrives, and contains no secret."""
    agent.lives(name)
    for path in PATHS:
        try:
            text = agent.ask(path, timeout=30)[1]
        except Broken as problem:
            raise Broken(f"{name}: {problem}") from None
        if SECRET in text:
            raise Broken(f"{name}: {path} contains the token: …{text[max(0, text.index(SECRET) - 200):][:300]}…")
    if SECRET in agent.log:
        raise Broken(f"{name}: the log contains the token")


def run(attack):
    with attack.agent() as agent:
        files = certificates.of_server(str(agent.directory / "tls"), "pve1")
        with HostilePVE(files) as pve:
            configuration = agent.directory / "pvescout.yml"
            configuration.write_text(configuration.read_text().replace("proxmox: []", f"proxmox: {pve.entry}"))
            (agent.directory / "routes.yml").write_text("web: {port: 80, healthcheck: {disable: true}}\n")
            agent.start()
            guests = lambda: json.loads(agent.ask("/v1/guests")[1])["guests"]
            eventually(f"the cluster is read; its log:\n{agent.last_words}", lambda: len(guests()) == 3)
            count, restarts = 0, 0
            chosen = list(lies())
            with Watch(agent) as watch:
                for name, lie in chosen[::5] if attack.short else chosen:
                    pve.lie, before = lie, pve.asked
                    eventually(f"{name}: PVE is asked", lambda: pve.asked >= before + 3 or agent.process.poll() is not None, 120)
                    time.sleep(0.2)
                    look(agent, name)
                    count += 1
                pve.lie = None
                eventually("the cluster is read again", lambda: len(guests()) == 3)
            attack.expect("lies", f"{count} kinds", f"+{watch.growth:.0f} MB", watch.growth <= 384, "+384 MB")
            # A lie in the cache is harmless too.
            for name, lie in [c for c in chosen if "numbers are" in c[0]][::4 if attack.short else 1]:
                pve.lie, before = lie, pve.asked
                eventually(f"{name}: PVE is asked", lambda: pve.asked >= before + 3 or agent.process.poll() is not None, 120)
                if code := agent.stop():
                    raise Broken(f"{name}: the agent ended with {code}")
                agent.start()
                look(agent, f"{name}, from the cache")
                restarts += 1
            pve.lie = None
            eventually("the cluster is read again", lambda: len(guests()) == 3)
            attack.expect("lies in the cache", f"{restarts} restarts", "answers", True, "answers")
            attack.expect("token", f"{count + restarts} kinds, {len(PATHS)} paths and the log", "never shown", True, "never shown")
            if agent.stop():
                raise Broken("the agent did not end well")
