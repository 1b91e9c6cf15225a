"""A hostile Proxmox VE API over HTTPS: the answers of a small cluster, changed by an attack."""

import copy
import http.server
import json
import ssl
import threading
import urllib.parse

TOKEN, SECRET = "pvescout@pve!agent", "5ecre7aa-1111-2222-3333-444455556666"


def honest():
    """The answer for each path: one node, two containers, a VM."""
    def guest(vmid, kind, name):
        return {
            "id": f"{kind}/{vmid}", "vmid": vmid, "type": kind, "name": name, "node": "pve1", "status": "running",
            "template": 0, "uptime": 3600, "cpu": 0.01, "maxcpu": 2, "mem": 1, "maxmem": 2, "disk": 1, "maxdisk": 2,
            "netin": 1, "netout": 1, "tags": "a;b"}

    def interfaces(address):
        return [{"name": "eth0", "hwaddr": "bc:24:11:00:00:01", "inet": f"{address}/24", "hardware-address":
                 "bc:24:11:00:00:01", "ip-addresses": [
                     {"ip-address": address, "ip-address-type": "inet", "prefix": "24"}]}]

    answers = {
        "/version": {"version": "9.0.10", "release": "9.0", "repoid": "0"},
        "/cluster/status": [
            {"type": "node", "id": "node/pve1", "name": "pve1", "nodeid": 0, "ip": "127.0.0.1", "online": 1, "local": 1,
             "level": ""}],
        "/cluster/resources": [
            {"type": "node", "id": "node/pve1", "node": "pve1", "status": "online", "uptime": 7200, "cpu": 0.1,
             "maxcpu": 4, "mem": 1, "maxmem": 2, "disk": 1, "maxdisk": 2},
            guest(101, "lxc", "web"), guest(102, "lxc", "db"), guest(103, "qemu", "vm")],
        "/nodes": [{"node": "pve1", "type": "node", "id": "node/pve1", "status": "online", "uptime": 7200}],
        "/nodes/pve1/network": [
            {"iface": "vmbr0", "type": "bridge", "method": "static", "address": "10.9.0.1", "netmask": "24",
             "cidr": "10.9.0.1/24", "priority": 4, "active": 1}],
        "/nodes/pve1/qemu/103/config": {"name": "vm", "agent": "1", "net0": "virtio=BC:24:11:00:00:03,bridge=vmbr0"},
        "/nodes/pve1/qemu/103/agent/network-get-interfaces": {"result": interfaces("10.9.0.103")},
        "/access/permissions": {"/": {"Sys.Audit": 1, "VM.Audit": 1, "SDN.Audit": 1, "VM.GuestAgent.Audit": 1}},
    }
    for vmid in (101, 102):
        answers[f"/nodes/pve1/lxc/{vmid}/config"] = {
            "hostname": "web", "net0": f"name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:01,ip=10.9.0.{vmid}/24,type=veth"}
        answers[f"/nodes/pve1/lxc/{vmid}/interfaces"] = interfaces(f"10.9.0.{vmid}")
    return answers


class HostilePVE(http.server.ThreadingHTTPServer):
    """Answers honestly until `lie` is set: a function of the path and its honest answer.

    A lie gives another value, or bytes that are sent as they are, or a function that gets the handler.
    """

    daemon_threads = True

    def __init__(self, files):
        super().__init__(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(files.certificate, files.key)
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.answers, self.lie, self.asked = honest(), None, 0
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        pass

    @property
    def entry(self):
        """For `proxmox:`."""
        return (f'[{{name: evil, endpoints: ["https://127.0.0.1:{self.server_address[1]}"], token_id: "{TOKEN}", '
                f'token_secret: "{SECRET}", tls: {{insecure: true}}}}]')


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = urllib.parse.urlparse(self.path).path.removeprefix("/api2/json")
        self.server.asked += 1
        answer = copy.deepcopy(self.server.answers.get(path))
        if self.server.lie:
            answer = self.server.lie(path, answer)
        if callable(answer):
            self.close_connection = True
            return answer(self)
        body = answer if isinstance(answer, bytes) else json.dumps({"data": answer}).encode()
        self.send_response(200 if answer is not None else 501)
        self.send_header("Content-Type", "application/json;charset=UTF-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass
