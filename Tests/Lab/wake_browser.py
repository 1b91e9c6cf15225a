"""Real clients open sleeping routes: Chromium, curl, a WebSocket, ssh over TCP, dig over UDP."""

import argparse
import asyncio
import contextlib
import json
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import aiohttp
from aiohttp import web

from attacked_agent import Broken, eventually
from wake_home import Home, Service, end_process, process

ROOT = pathlib.Path(__file__).parents[2]
PATIENCE = 60


def expect(condition, what):
    if not condition:
        raise Broken(what)


def say(text):
    print(text, flush=True)


# The site: a page, what it fetches, a service worker, an echo over a WebSocket

PAGE = """<!doctype html><title>the site</title><h1>the site</h1>
<script>navigator.serviceWorker?.register('/worker.js')</script>"""
SHELL = """<!doctype html><title>shell</title>
<script>fetch('/data').then(r => r.text()).then(text => { document.title = 'shell with ' + text; })</script>"""
WORKER = """
self.addEventListener('install', event => {
  event.waitUntil(caches.open('1').then(cache => cache.add('/shell')).then(() => self.skipWaiting()));
});
self.addEventListener('activate', event => event.waitUntil(self.clients.claim()));
self.addEventListener('fetch', event => {
  event.respondWith(caches.match(event.request).then(found => found || fetch(event.request)));
});
"""


async def echo(request):
    tunnel = web.WebSocketResponse()
    await tunnel.prepare(request)
    async for message in tunnel:
        await tunnel.send_str(message.data + "!")
    return tunnel


def site():
    def html(text):
        return lambda request: web.Response(text=text, content_type="text/html")

    async def body(request):
        return web.Response(text=str(len(await request.read())))
    app = web.Application(client_max_size=1 << 26)
    app.router.add_get("/", html(PAGE))
    app.router.add_get("/shell", html(SHELL))
    app.router.add_get("/worker.js", lambda request: web.Response(text=WORKER, content_type="text/javascript"))
    app.router.add_get("/data", lambda request: web.Response(text="data"))
    app.router.add_post("/body", body)
    app.router.add_get("/echo", echo)
    return app


def serve_site(guest):
    """Serves in a thread of its own; returns what ends it."""
    loop, started, over = asyncio.new_event_loop(), threading.Event(), asyncio.Event()

    async def run():
        runner = web.AppRunner(site(), shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, guest.address, guest.port, reuse_address=True).start()
        started.set()
        await over.wait()
        await runner.cleanup()
    thread = threading.Thread(target=lambda: loop.run_until_complete(run()), daemon=True)
    thread.start()
    expect(started.wait(PATIENCE), "the site is served")
    return loop, over, thread


def end_site(service):
    loop, over, thread = service
    loop.call_soon_threadsafe(over.set)
    thread.join()


# Chromium, by its DevTools protocol

class Chromium:
    def __init__(self, program):
        self.directory = tempfile.mkdtemp(prefix="pvs-chromium-")
        self.process = subprocess.Popen(
            [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
             "--no-first-run", "--disable-background-networking", "--remote-debugging-port=0",
             f"--user-data-dir={self.directory}", "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        port = pathlib.Path(self.directory, "DevToolsActivePort")
        eventually("Chromium answers", lambda: port.exists() and port.read_text().count("\n"))
        self.url = f"http://127.0.0.1:{port.read_text().split()[0]}"

    async def __aenter__(self):
        self.session = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *_):
        await self.session.close()
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    async def open(self, has_scripts=True):
        async with self.session.put(f"{self.url}/json/new?about:blank") as answer:
            target = await answer.json()
        tab = Tab(target["id"], await self.session.ws_connect(target["webSocketDebuggerUrl"], max_msg_size=0))
        for domain in ("Page", "Network", "Runtime"):
            await tab.call(f"{domain}.enable")
        if not has_scripts:
            await tab.call("Emulation.setScriptExecutionDisabled", value=True)
        return tab


class Tab:
    def __init__(self, id, channel):
        self.id, self.channel, self.last = id, channel, 0
        self.requests, self.statuses = [], []

    async def call(self, method, **parameters):
        self.last += 1
        await self.channel.send_json({"id": self.last, "method": method, "params": parameters})
        async with asyncio.timeout(PATIENCE):
            while True:
                message = await self.channel.receive_json()
                self.note(message)
                if message.get("id") == self.last:
                    expect("error" not in message, f"Chromium: {method}: {message.get('error')}")
                    return message["result"]

    def note(self, message):
        if message.get("method") == "Network.requestWillBeSent":
            self.requests.append(message["params"]["request"]["url"])
        if message.get("method") == "Network.responseReceived" and message["params"]["type"] == "Document":
            self.statuses.append(message["params"]["response"]["status"])

    async def go(self, url):
        """Begins to load it; a page that is long in coming is not waited for."""
        self.last += 1
        await self.channel.send_json({"id": self.last, "method": "Page.navigate", "params": {"url": url}})

    async def evaluate(self, script):
        result = await self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        return result["result"].get("value")

    async def shows(self, script, wanted, patience=PATIENCE):
        """Waits until the page is as wanted; gives all that it was meanwhile."""
        seen, end = [], time.monotonic() + patience
        while time.monotonic() < end:
            with contextlib.suppress(Broken):
                value = await self.evaluate(script)
                if not seen or seen[-1] != value:
                    seen.append(value)
                if value == wanted:
                    return seen
            await asyncio.sleep(0.05)
        raise Broken(f"the page does not come to {wanted!r}: {seen}")


async def browse(home, program):
    guest = home.guests["site"]
    url = f"http://site.localhost:{home.port}/"
    async with Chromium(program) as chromium:
        with Service(guest, serve_site, end_site, boot_time=3):
            tab = await chromium.open()
            await tab.go(url)
            seen = await tab.shows("document.title", "the site")
            expect("site wakes up" in seen, f"the waiting page was to be seen: {seen}")
            expect(tab.statuses[0] == 503 and tab.statuses[-1] == 200, f"{tab.statuses}")
            expect(len(tab.statuses) == 2, f"it is loaded twice, and not again and again: {tab.statuses}")
            events = [one for one in tab.requests if one.endswith("/.well-known/pvescout/wake")]
            expect(len(events) == 1, f"the page has one stream of events: {tab.requests}")
            expect(guest.writes == ["start"], f"{guest.writes}")
            say(f"Chromium saw {seen}, with {len(tab.requests)} requests")

            # Its service worker and what that keeps are there by now.
            await tab.shows("navigator.serviceWorker.ready.then(() => caches.match('/shell')).then(Boolean)", True)
            guest.reaches("stopped")
            await tab.go(url)
            seen = await tab.shows("document.title", "the site")
            expect("site wakes up" in seen, f"behind a service worker too: {seen}")
            say("so it did behind a service worker")
            guest.reaches("stopped")
            await tab.go(url + "shell")
            await tab.shows("document.title", "shell with data")
            say("a page from the cache woke it with what it fetched, and got that")

            expect(guest.writes.count("start") == 3, f"one start each time:\n{home.starts}")

        with Service(home.guests["plain"], serve_site, end_site, boot_time=3):
            tab = await chromium.open(has_scripts=False)
            await tab.go(f"http://plain.localhost:{home.port}/")
            seen = await tab.shows("document.title", "the site")
            expect("plain wakes up" in seen, f"without scripts too: {seen}")
            say("without scripts the page loaded itself again until it was the site")

        with Service(home.guests["tabs"], serve_site, end_site, boot_time=3):
            tabs = [await chromium.open() for _ in range(8)]
            for number, one in enumerate(tabs):
                await one.go(f"http://tabs.localhost:{home.port}/?{number}")
            for one in tabs:
                # A hidden page lets go of its connection, and goes on when it is shown.
                await one.call("Page.bringToFront")
                await one.shows("document.title", "the site")
            say("eight tabs, for which a browser has six connections, all showed the site when they were looked at")
            expect(home.guests["tabs"].writes.count("start") == 1, "one start for all tabs")


# Programs

def run(*command, **options):
    done = subprocess.run(command, capture_output=True, timeout=180, **options)
    expect(done.returncode == 0, f"{command}: {done.returncode}: {done.stderr.decode()}")
    return done.stdout.decode()


def curl(home, alias, path="/", *options):
    return run("curl", "-sS", "--fail", "-H", f"Host: {alias}", *options, f"http://127.0.0.1:{home.port}{path}")


def with_curl(home):
    delays = []
    for alias in APIS:
        with Service(home.guests[alias], serve_site, end_site) as service:
            expect(curl(home, alias, "/data") == "data", "curl waits and is served")
            delays.append(time.time() - service.opened_at)
    delay = statistics.median(delays)
    say(f"curl had its answer {delay * 1000:.0f} ms after the port was open (median of {len(delays)}, "
        f"from {min(delays) * 1000:.0f} to {max(delays) * 1000:.0f})")
    expect(delay <= 0.3, "at most 300 ms after the port of a known address opens")
    with Service(home.guests["upload"], serve_site, end_site):
        size = 20_000_000
        upload = home.directory / "upload"
        upload.write_bytes(b"x" * size)
        expect(curl(home, "upload", "/body", "--data-binary", f"@{upload}") == str(size), "a body arrives whole, and once")
        say("curl uploaded 20 MB to a guest that slept")


def with_learnt_address(home):
    delays = []
    for alias in LEARNT:
        guest = home.guests[alias]
        with Service(guest, serve_site, end_site, boot_time=0):
            curl(home, alias, "/data")
            delays.append(time.time() - guest.runs_since)
    delay = statistics.median(delays)
    say(f"where the address is learnt from PVE, {delay * 1000:.0f} ms after the guest was running (median, "
        f"from {min(delays) * 1000:.0f} to {max(delays) * 1000:.0f})")
    expect(delay <= 1.3, "at most 1.3 s where the address is learnt from PVE")


async def with_websocket(home):
    guest = home.guests["socket"]
    with Service(guest, serve_site, end_site):
        async with aiohttp.ClientSession() as session:
            url = f"http://127.0.0.1:{home.port}/echo"
            async with session.ws_connect(url, headers={"Host": "socket"}) as tunnel:
                end = time.monotonic() + 6
                while time.monotonic() < end:
                    await tunnel.send_str("hello")
                    expect((await tunnel.receive_str(timeout=PATIENCE)) == "hello!", "the WebSocket echoes")
                    await asyncio.sleep(0.5)
                expect(guest.writes == ["start"], f"in use for longer than idle_timeout, it is up: {guest.writes}")
        guest.reaches("stopped")
    say("a WebSocket waited, was open for three times idle_timeout, and the guest stopped after it")


def with_ssh(home):
    guest, keys = home.guests["ssh"], home.directory / "keys"
    keys.mkdir()
    pathlib.Path("/run/sshd").mkdir(exist_ok=True)
    for name in ("host", "user"):
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(keys / name))
    shutil.copy(keys / "user.pub", keys / "authorized")
    settings = {"HostKey": keys / "host", "AuthorizedKeysFile": keys / "authorized", "PidFile": "none", "UsePAM": "no",
                "StrictModes": "no", "PermitRootLogin": "yes", "ListenAddress": f"{guest.address}:{guest.port}"}
    (keys / "sshd_config").write_text("".join(f"{key} {value}\n" for key, value in settings.items()))
    sshd = process("/usr/sbin/sshd", "-D", "-f", str(keys / "sshd_config"), ready=answers)
    with Service(guest, sshd, end_process):
        ssh = ["ssh", "-p", str(home.agent.listen("ssh")), "-i", str(keys / "user"), "-o", "StrictHostKeyChecking=no",
               "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-o", "BatchMode=yes", "127.0.0.1"]
        script = "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo $i; sleep 0.5; done"
        expect(run(*ssh, script).split()[-1] == "12", "ssh waits, and its session lasts")
        expect(guest.writes == ["start"], f"in use for longer than idle_timeout, it is up: {guest.writes}")
        guest.reaches("stopped")
    say("ssh over a TCP route waited, talked for three times idle_timeout, and the guest stopped after it")


def answers(guest):
    with contextlib.closing(socket.socket()) as client:
        return client.connect_ex((guest.address, guest.port)) == 0


def with_dig(home):
    guest = home.guests["dns"]
    dnsmasq = process(
        "/usr/sbin/dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--pid-file=",
        "--bind-interfaces", "--listen-address=ADDRESS", "--port=PORT", "--address=/nas.home.example/10.9.8.7", "--user=root",
        ready=answers)
    with Service(guest, dnsmasq, end_process, boot_time=0):
        answer = run("dig", "@127.0.0.1", "-p", str(home.agent.listen("dns")), "+tries=5", "+time=2", "+short",
                     "nas.home.example")
        expect(answer.strip() == "10.9.8.7", f"dig is answered: {answer!r}")
        expect(guest.writes == ["start"], f"{guest.writes}")
        guest.reaches("stopped")
    say("dig over a UDP route was answered by a guest that slept")


ROUTE = "port: PORT, proxmox: {vmid: VMID, start: on_request}, idlewatcher: {idle_timeout: 2s, max_starts_per_hour: 60}"
STREAM = ROUTE.replace("port: PORT", 'port: "0:PORT"')
APIS, LEARNT = [f"api{number}" for number in range(5)], [f"learnt{number}" for number in range(3)]
ROUTES = dict.fromkeys(["site", "plain", "tabs", "upload", "socket", *APIS, *LEARNT], ROUTE)
ROUTES |= {"ssh": STREAM, "dns": f"scheme: udp, {STREAM}"}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default=str(ROOT / ".build/debug/pvescout"))
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    arguments = parser.parse_args()
    try:
        with Home(arguments.binary, ROUTES, dhcp=LEARNT) as home:
            before = {alias: guest.configuration for alias, guest in home.guests.items()}
            asyncio.run(browse(home, arguments.chromium))
            with_curl(home)
            with_learnt_address(home)
            asyncio.run(with_websocket(home))
            with_ssh(home)
            with_dig(home)
            after = {alias: guest.configuration for alias, guest in home.guests.items()}
            expect(before == after, "the guests' configuration is byte for byte as it was")
            expect(set().union(*(guest.writes for guest in home.guests.values())) == {"start", "shutdown"}, "no other call")
            say("the guests' configuration is byte for byte as it was")
    except Broken as problem:
        sys.exit(f"wake_browser.py: {problem}")


main()
