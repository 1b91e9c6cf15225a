"""A home whose guests sleep: fakepve, services at its guests' addresses once PVE has started them, and the real agent."""

import contextlib
import json
import pathlib
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

from attacked_agent import Agent, eventually

LAB = pathlib.Path(__file__).parent
SECRET = "11111111-2222-3333-4444-555555555555"


class Guest:
    """A stopped container behind a route of its own."""

    def __init__(self, home, alias, vmid, node, address):
        self.home, self.alias, self.vmid, self.node, self.address = home, alias, vmid, node, address
        with contextlib.closing(socket.socket()) as free:
            free.bind((address, 0))
            self.port = free.getsockname()[1]

    @property
    def runs_since(self):
        """In seconds since 1970; None while PVE says that it is stopped."""
        return self.home.control(op="started", vmid=self.vmid)

    @property
    def configuration(self):
        """As PVE answers it, byte for byte."""
        request = urllib.request.Request(
            f"{self.home.manifest['endpoints'][0]}/api2/json/nodes/{self.node}/lxc/{self.vmid}/config",
            headers={"Authorization": f"PVEAPIToken=pvescout@pve!agent={SECRET}"})
        trust = ssl.create_default_context(cafile=self.home.manifest["ca_file"])
        with urllib.request.urlopen(request, timeout=30, context=trust) as answer:
            return answer.read()

    @property
    def state(self):
        return (json.loads(self.home.agent.ask(f"/v1/routes/{self.alias}")[1])["control"] or {}).get("state")

    def reaches(self, state):
        eventually(f"{self.alias} is {state}; it is {self.state}", lambda: self.state == state)
        return self

    @property
    def writes(self):
        """The last words of what the agent asked of PVE about it, besides reading."""
        return [request["path"].rpartition("/")[2] for request in self.home.control(op="requests", path="")
                if request["method"] != "GET" and f"/{self.vmid}/" in request["path"]]


class Home:
    def __init__(self, binary, routes, dhcp=()):
        """`routes`: the keys of each alias' route, in which PORT and VMID are those of its guest."""
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="pvs-wake-"))
        self.lab = subprocess.Popen(
            [sys.executable, "-B", LAB / "fakepve_lab.py", "--directory", self.directory, "--lxc", "40",
             "--until-stdin-closes"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        manifest = self.directory / "manifest.json"
        eventually("the lab answers", manifest.exists)
        self.manifest = json.loads(manifest.read_text())
        containers = [guest for guest in self.manifest["guests"] if guest["type"] == "lxc"]
        self.guests = {}
        for alias in routes:
            found = next(guest for guest in containers if (guest["addressing"] == "dhcp") == (alias in dhcp))
            containers.remove(found)
            self.guests[alias] = self.put_to_sleep(alias, found)
        lines = [f"{alias}: {{{keys}}}".replace("PORT", str(guest.port)).replace("VMID", str(guest.vmid))
                 for (alias, keys), guest in zip(routes.items(), self.guests.values())]
        self.agent = Agent(
            binary, routes="\n".join(lines) + "\n", proxy='http: "127.0.0.1:0"', discovery=", loopback_guests: true",
            clusters=f"""
  - name: lab
    endpoints: {json.dumps(self.manifest["endpoints"])}
    token_id: pvescout@pve!agent
    token_secret: {SECRET}
    tls: {{ca_file: {self.manifest["ca_file"]}}}
    control: true""")

    def put_to_sleep(self, alias, found):
        vmid, address = found["vmid"], found["address"]
        if not address:
            address = ".".join(self.manifest["network"].split(".")[:2]) + f".250.{vmid % 250}"
            self.control(op="address", vmid=vmid, address=address)
        self.control(op="status", vmid=vmid, status="stopped")
        self.control(op="power", vmid=vmid, start=0.5, shutdown=0.2)
        return Guest(self, alias, vmid, found["node"], address)

    def control(self, **operation):
        request = urllib.request.Request(
            self.manifest["control"], json.dumps([operation]).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)[0]

    @property
    def starts(self):
        """What the agent's log says of them."""
        return "\n".join(line for line in self.agent.log.splitlines() if "guest is being started" in line)

    def __enter__(self):
        self.agent.start()
        self.port = self.agent.ports()[0]
        eventually("every guest sleeps", lambda: all(
            guest.state == "stopped" for guest in self.guests.values()))
        return self

    def __exit__(self, *_):
        self.agent.__exit__()
        self.lab.stdin.close()
        self.lab.wait()
        shutil.rmtree(self.directory, ignore_errors=True)


class Service:
    """Begins to serve a while after PVE has started its guest, and ends with it, again and again."""

    def __init__(self, guest, begin, end, boot_time=0.3):
        """`begin` makes the guest's service answer and returns what `end` takes."""
        self.guest, self.begin, self.end, self.boot_time = guest, begin, end, boot_time
        self.opened_at = None
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self.follow, daemon=True)

    def follow(self):
        service = None
        while not self.is_over.wait(0.01):
            runs = self.guest.runs_since is not None
            if runs and service is None:
                time.sleep(self.boot_time)
                service = self.begin(self.guest)
                self.opened_at = time.time()
            elif not runs and service is not None:
                self.end(service)
                service = None
        if service is not None:
            self.end(service)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        self.thread.join()


def process(*command, ready):
    """What starts a program as a guest's service; `ready` asks whether it answers."""
    def begin(guest):
        arguments = [part.replace("ADDRESS", guest.address).replace("PORT", str(guest.port)) for part in command]
        child = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        eventually(f"{command[0]} answers", lambda: ready(guest) or child.poll() is not None)
        return child
    return begin


def end_process(child):
    child.terminate()
    child.wait()
