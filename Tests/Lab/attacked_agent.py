"""The attacked agent: started with its own files, measured from outside."""

import contextlib
import http.client
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

PATIENCE = 60


class Broken(Exception):
    """An exceeded bound."""


class Unanswered(Broken):
    """The control socket did not answer."""


def eventually(what, condition, patience=PATIENCE):
    """Waits until the condition is true, and returns its value."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.02)
    raise Broken(f"did not happen within {patience} s: {what}")


class Agent:
    """`pvescout run` in a directory that outlives it, so that it can be started again."""

    def __init__(self, binary, routes="{}\n", settings="", proxy="", clusters="[]", directory=None, discovery=""):
        self.binary = binary
        self.directory = pathlib.Path(directory or tempfile.mkdtemp(prefix="pvs-attack-"))
        self.socket_path = str(self.directory / "agent.sock")
        self.state = self.directory / "state"
        (self.directory / "routes.yml").write_text(routes)
        (self.directory / "pvescout.yml").write_text(f"""
proxmox: {clusters}
providers: {{files: [routes.yml]}}
discovery: {{interval: 500ms, request_timeout: 5s{discovery}}}
health: {{interval: 500ms, timeout: 2s}}
socket: {{path: {self.socket_path}}}
state_dir: {self.state}
log: {{level: info}}
{f'proxy: {{{proxy}}}' if proxy else ''}
{settings}
""")
        os.chmod(self.directory / "pvescout.yml", 0o600)
        self.process = None

    def spawn(self, environment=None, descriptors=None, prefix=()):
        """Starts it, and does not wait. `prefix` is a command that starts it."""
        def limit():
            if descriptors:
                resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))
        with open(self.directory / "agent.log", "wb") as log:
            self.process = subprocess.Popen(
                [*prefix, self.binary, "run", "--config", self.directory / "pvescout.yml"], stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, env={**os.environ, "SWIFT_BACKTRACE": "enable=no", **(environment or {})}, preexec_fn=limit)
        return self

    def start(self, **options):
        self.spawn(**options)
        eventually(f"the agent answers; its log:\n{self.last_words}", self.answers)
        return self

    def answers(self):
        if self.process.poll() is not None:
            raise Broken(f"the agent ended with {self.process.returncode}:\n{self.last_words}")
        with contextlib.suppress(Unanswered):
            return self.ask("/livez")[0] == 200
        return False

    @property
    def log(self):
        return (self.directory / "agent.log").read_text(errors="replace")

    @property
    def last_words(self):
        lines = self.log.splitlines()
        return "\n".join([line for line in lines if "Fatal error" in line][:1] or lines[-10:])

    def ports(self, count=1):
        """The addresses of the proxy: clear text first."""
        found = eventually(f"it listens; its log:\n{self.last_words}", lambda: (
            ports := re.findall(r"proxy listens.*?:(\d+)\b", self.log)) and len(ports) >= count and ports)
        return [int(port) for port in found]

    def listen(self, alias):
        """The port of a stream."""
        return eventually(f"{alias} listens", lambda: (
            where := json.loads(self.ask(f"/v1/routes/{alias}")[1])["listen"]) and int(where.rpartition(":")[2]))

    def ask(self, path, method="GET", timeout=PATIENCE):
        """Status and text of an answer on the control socket."""
        connection = http.client.HTTPConnection("localhost", timeout=timeout)
        with contextlib.closing(connection):
            try:
                connection.sock = self.dial(timeout)
                connection.request(method, path, headers={"Connection": "close"})
                response = connection.getresponse()
                return response.status, response.read().decode()
            except (OSError, http.client.HTTPException) as problem:
                raise Unanswered(f"{path} is not answered: {problem!r}; its log:\n{self.last_words}") from None

    def dial(self, timeout=PATIENCE):
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(timeout)
        client.connect(self.socket_path)
        return client

    def lives(self, what):
        if self.process.poll() is not None:
            raise Broken(f"{what}: the agent ended with {self.process.returncode}:\n{self.last_words}")
        with contextlib.suppress(Unanswered):
            if self.ask("/livez", timeout=20)[0] == 200:
                return
        raise Broken(f"{what}: the control socket does not answer within 20 s")

    def status(self, name):
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"{name}:\s+(\d+)", text)[1])

    @property
    def memory(self):
        """Resident, in MB."""
        return self.status("VmRSS") / 1024

    @property
    def threads(self):
        return self.status("Threads")

    @property
    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def stop(self, patience=PATIENCE):
        """Stops it; returns its exit status."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(patience)
        except subprocess.TimeoutExpired:
            raise Broken(f"the agent did not stop within {patience} s") from None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)


class Watch:
    """The peak of the agent's memory, descriptors and threads during an attack."""

    def __init__(self, agent):
        self.agent = agent

    def __enter__(self):
        agent = self.agent
        self.memory_before, self.descriptors_before, self.threads_before = agent.memory, agent.descriptors, agent.threads
        self.memory, self.descriptors, self.threads = self.memory_before, self.descriptors_before, self.threads_before
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self.look, daemon=True)
        self.thread.start()
        return self

    def look(self):
        while not self.is_over.wait(0.05):
            with contextlib.suppress(OSError, TypeError):
                self.memory = max(self.memory, self.agent.memory)
                self.descriptors = max(self.descriptors, self.agent.descriptors)
                self.threads = max(self.threads, self.agent.threads)

    def __exit__(self, *_):
        self.is_over.set()
        self.thread.join()

    @property
    def growth(self):
        return self.memory - self.memory_before
