"""The clients of compare_proxies.py, on a separate core: each takes a port, and returns its measurements."""

import pathlib
import re
import socket
import ssl
import subprocess
import tempfile

LOAD_CORE = 1
# As Firefox sends them for a picture.
FIELDS = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Accept": "image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5",
    "Accept-Language": "en-GB,en;q=0.5",
    "Accept-Encoding": "gzip, deflate, br, zstd",
    "Referer": "https://films.test/library/films?sort=added&page=3",
    "Cookie": "session=0123456789abcdef0123456789abcdef; theme=dark; lang=en",
    "Sec-Fetch-Dest": "image",
    "Sec-Fetch-Mode": "no-cors",
    "Sec-Fetch-Site": "same-origin",
    "Priority": "u=5, i",
}


def on_load_core(command):
    return subprocess.Popen(["taskset", "-c", str(LOAD_CORE), *map(str, command)], stdout=subprocess.PIPE, text=True)


def output(load, seconds):
    """Its output; h2load waits for ever for connections that were not made within its time."""
    try:
        return load.communicate(timeout=seconds + 30)[0]
    except subprocess.TimeoutExpired:
        load.kill()
        raise SystemExit(f"{load.args[3]} does not end: are connections not accepted in time?") from None


def wrk(port, cell, seconds, script=None):
    """HTTP/1.1 with keep-alive; a script may set the hosts."""
    scheme = "https" if cell.port == "https" else "http"
    fields = [] if script else ["-H", f"Host: {cell.host}"]
    for name, value in FIELDS.items():
        fields += ["-H", f"{name}: {value}"]
    if script:
        fields += ["-s", script]
    return on_load_core(["wrk", "-t1", f"-c{cell.connections}", f"-d{seconds}s", "--latency", "--timeout", "10s", *fields,
                         f"{scheme}://127.0.0.1:{port}/{cell.size}"])


UNITS = {"us": 1e-3, "ms": 1, "s": 1e3, "m": 6e4}


def read_wrk(text):
    done = re.search(r"(\d+) requests in ([\d.]+)(us|ms|s|m)", text)
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s|m)", text)
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    sockets = re.search(r"Socket errors: (.*)", text)
    if not done or not p99:
        raise SystemExit(f"wrk said:\n{text}")
    return {"requests": int(done[1]), "rate": int(done[1]) / (float(done[2]) * UNITS[done[3]] / 1e3),
            "p99": float(p99[1]) * UNITS[p99[2]],
            "trouble": ", ".join(filter(None, [f"{bad[1]} bad answers" if bad else "", sockets[1] if sockets else ""]))}


def run_wrk(port, cell, seconds):
    return read_wrk(output(wrk(port, cell, seconds), seconds))


def run_h2load(port, cell, seconds):
    """HTTP/2 over TLS. Its log has a line for each request: when, status, µs."""
    fields = [argument for name, value in FIELDS.items() for argument in ("-H", f"{name.lower()}: {value}")]
    with tempfile.NamedTemporaryFile(prefix="pvs-h2load-") as log:
        text = output(on_load_core(["h2load", "-t1", f"-c{cell.connections}", f"-m{cell.streams}", f"-D{seconds}",
                                    f"--log-file={log.name}", f"--connect-to=127.0.0.1:{port}", *fields,
                                    f"https://{cell.host}/{cell.size}"]), seconds)
        lines = [line.split() for line in pathlib.Path(log.name).read_text().splitlines()]
    good = sorted(int(line[2]) for line in lines if line[1] == "200")
    if not good:
        raise SystemExit(f"h2load said:\n{text}")
    bad = len(lines) - len(good)
    return {"requests": len(good), "rate": len(good) / seconds, "p99": good[len(good) * 99 // 100] / 1e3,
            "trouble": f"{bad} bad answers" if bad else ""}


def run_s_time(port, cell, seconds):
    """A TLS 1.3 connection for each request; resumed: with the ticket of the previous one."""
    lines = [f"/{cell.size} HTTP/1.1", f"Host: {cell.host}", *(f"{name}: {value}" for name, value in FIELDS.items()),
             "Connection: close", "", ""]
    kind, mark, other = ("-reuse", "r", "*") if cell.client == "resumptions" else ("-new", "*", "r")
    command = ["openssl", "s_time", "-connect", f"127.0.0.1:{port}", "-www", "\r\n".join(lines), "-time", seconds, kind]
    loads = [on_load_core(command) for _ in range(cell.connections)]
    requests, troubles = 0, set()
    for text in [output(load, seconds) for load in loads]:
        done = re.search(r"^(\d+) connections in \d+ real seconds, (\d+) bytes read per connection", text, re.MULTILINE)
        marks = re.search(r"^[r*]+$", text, re.MULTILINE)
        if not done or not marks:
            raise SystemExit(f"openssl s_time said:\n{text}")
        requests += int(done[1])
        if int(done[2]) < cell.size:
            troubles.add("short answers")
        if marks[0].count(other) > 1 or mark not in marks[0]:
            troubles.add(f"not all are {kind}")
    return {"requests": requests, "rate": requests / seconds, "p99": None, "trouble": ", ".join(troubles)}


def frame(kind, flags, stream, payload=b""):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def literal(name, value):
    """A field that the peer adds to its table (RFC 7541 §6.2.1)."""
    line = b"\x40"
    for text in (name.encode(), value.encode()):
        line += bytes([len(text)]) if len(text) < 127 else bytes([127, len(text) - 127])
        line += text
    return line


def http2_request(cell):
    """The preface, and one request on stream 1."""
    fields = {":method": "GET", ":scheme": "https", ":authority": cell.host, ":path": f"/{cell.size}",
              **{name.lower(): value for name, value in FIELDS.items()}}
    block = b"".join(literal(name, value) for name, value in fields.items())
    return b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0) + frame(1, 5, 1, block)


def frames(client):
    """The kind, flags and stream of each received frame."""
    received = bytearray()
    while piece := client.recv(65536):
        received += piece
        while len(received) >= 9:
            end = 9 + int.from_bytes(received[:3], "big")
            if len(received) < end:
                break
            yield received[3], received[4], int.from_bytes(received[5:9], "big")
            del received[:end]
    raise SystemExit("an HTTP/2 connection was closed before its answer")


def hold_http2(port, cell):
    """Idle connections after one answer each."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    clients = []
    for _ in range(cell.connections):
        plain = socket.create_connection(("127.0.0.1", port), 20)
        client = context.wrap_socket(plain, server_hostname=cell.host)
        clients.append(client)
        client.sendall(http2_request(cell))
        next(1 for kind, flags, stream in frames(client) if stream == 1 and kind in (0, 1) and flags & 1)
    return clients


def run(port, cell, seconds):
    """The requests, their rate, the p99 in ms, and the errors."""
    return {"wrk": run_wrk, "h2load": run_h2load, "handshakes": run_s_time, "resumptions": run_s_time}[cell.client](
        port, cell, seconds)
