"""Tests the agent's socket against its own OpenAPI document, by schemathesis.

    python3 openapi_lab.py SOCKET [SECONDS]

Each operation gets requests that fit its description, and requests that do not. Prints what schemathesis found; ends with
its status, which is not 0 if it found something.
"""

import pathlib
import selectors
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading

# OpenAPI cannot express that a lookup needs at least one of its parameters.
SETTINGS = """
[[operations]]
include-name = "GET /v1/lookup"
checks.positive_data_acceptance.expected-statuses = [200, 400]
"""


class Bridge(socketserver.ThreadingTCPServer):
    """A TCP port in front of the Unix socket, for a client that knows TCP alone."""

    allow_reuse_address = daemon_threads = True

    def __init__(self, path):
        self.path = path
        super().__init__(("127.0.0.1", 0), Relay)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Relay(socketserver.BaseRequestHandler):
    def handle(self):
        with socket.socket(socket.AF_UNIX) as agent, selectors.DefaultSelector() as selector:
            agent.connect(self.server.path)
            selector.register(self.request, selectors.EVENT_READ, agent)
            selector.register(agent, selectors.EVENT_READ, self.request)
            is_stream, end = False, b""
            while True:
                ready = selector.select(0.2 if is_stream else None)
                if not ready:
                    # Not within a chunk, which a slow agent has only begun.
                    if end != b"\r\n":
                        continue
                    # The stream of events never ends: the client gets the present ones.
                    self.request.sendall(b"0\r\n\r\n")
                    return
                for key, _ in ready:
                    try:
                        data = key.fileobj.recv(65536)
                        if not data:
                            return
                        key.data.sendall(data)
                    except OSError:
                        return
                    if key.fileobj is agent:
                        is_stream = is_stream or b"content-type: text/event-stream" in data.lower()
                        end = (end + data)[-2:]


def main():
    seconds = sys.argv[2] if len(sys.argv) > 2 else "60"
    with tempfile.TemporaryDirectory() as directory, Bridge(sys.argv[1]) as bridge:
        settings = pathlib.Path(directory) / "schemathesis.toml"
        settings.write_text(SETTINGS)
        program = pathlib.Path(sys.executable).with_name("schemathesis")
        return subprocess.run(
            [program, "--config-file", settings, "run", "--no-color", "--max-examples", "30", "--max-time", seconds,
             "--request-timeout", "30", "--suppress-health-check", "all", "--generation-database", "none",
             "--continue-on-failure", "--phases", "coverage,fuzzing", "--warnings", "off",
             f"http://127.0.0.1:{bridge.server_address[1]}/v1/openapi.json"], cwd=directory).returncode


if __name__ == "__main__":
    sys.exit(main())
