"""The proxies of compare_proxies.py, each set up for the same job: keep-alive both ways, X-Forwarded-For, one core."""

import os
import pathlib
import socket
import subprocess


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(core, command, directory, name, environment=None):
    """A program on one core; what it says goes to a file."""
    log = open(pathlib.Path(directory) / f"{name}.log", "wb")
    return subprocess.Popen(["taskset", "-c", str(core), *command], stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                            env={**os.environ, **(environment or {})})


NGINX = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log; {user}
{modules}
events {{ worker_connections 4096; }}
http {{
  access_log off; keepalive_requests 1000000000; keepalive_timeout 300s; sendfile on; tcp_nodelay on;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi; default_type text/plain;
  {http}
}}
{rest}
"""


def start_nginx(core, directory, name, http, rest="", modules=""):
    folder = pathlib.Path(directory) / name
    folder.mkdir()
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        NGINX.format(folder=folder, http=http, rest=rest, modules=modules, user=user))
    return start(core, ["/usr/sbin/nginx", "-e", "stderr", "-p", str(folder), "-c", str(folder / "nginx.conf")],
                 directory, name)


def start_upstream(directory, sizes, big, core):
    """nginx with files /SIZE and /big; tells its port and its process."""
    root = pathlib.Path(directory) / "files"
    root.mkdir()
    for size in sizes:
        (root / str(size)).write_bytes(b"x" * size)
    with open(root / "big", "wb") as file:
        file.truncate(big)
    port = free_port()
    http = f"open_file_cache max=100; server {{ listen 127.0.0.1:{port} backlog=4096; root {root}; }}"
    return port, start_nginx(core, directory, "upstream", http)


class Nginx:
    name = "nginx"

    def __init__(self, directory, upstream, core, _):
        self.ports = {"http": free_port(), "tcp": free_port()}
        http = f"""
          upstream app {{ server 127.0.0.1:{upstream}; keepalive 512; keepalive_requests 1000000000; }}
          server {{ listen 127.0.0.1:{self.ports["http"]} backlog=4096;
            location / {{ proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection "";
              proxy_set_header Host $host; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; }} }}"""
        stream = f"""
          stream {{ server {{ listen 127.0.0.1:{self.ports["tcp"]} backlog=4096; tcp_nodelay on;
            proxy_pass 127.0.0.1:{upstream}; }} }}"""
        module = "load_module /usr/lib/nginx/modules/ngx_stream_module.so;"
        self.process = start_nginx(core, directory, "nginx", http, stream, module)


class HAProxy:
    name = "haproxy"

    def __init__(self, directory, upstream, core, _):
        self.ports = {"http": free_port(), "tcp": free_port()}
        path = pathlib.Path(directory) / "haproxy.cfg"
        path.write_text(f"""
global
  nbthread 1
  maxconn 4000
defaults
  timeout connect 5s
  timeout client 300s
  timeout server 300s
frontend web
  mode http
  bind 127.0.0.1:{self.ports["http"]} backlog 4096
  option forwardfor
  default_backend app
backend app
  mode http
  http-reuse always
  server one 127.0.0.1:{upstream} pool-max-conn 512
listen relay
  mode tcp
  bind 127.0.0.1:{self.ports["tcp"]} backlog 4096
  server one 127.0.0.1:{upstream}
""")
        self.process = start(core, ["/usr/sbin/haproxy", "-db", "-f", str(path)], directory, "haproxy")


class Caddy:
    name = "caddy"

    def __init__(self, directory, upstream, core, _):
        self.ports = {"http": free_port()}
        path = pathlib.Path(directory) / "Caddyfile"
        path.write_text(f"""
{{
  admin off
  auto_https off
}}
http://:{self.ports["http"]} {{
  bind 127.0.0.1
  reverse_proxy 127.0.0.1:{upstream} {{
    transport http {{
      keepalive_idle_conns 512
      keepalive_idle_conns_per_host 512
    }}
  }}
}}
""")
        home = {"GOMAXPROCS": "1", "HOME": str(directory), "XDG_DATA_HOME": str(directory), "XDG_CONFIG_HOME": str(directory)}
        self.process = start(core, ["/usr/bin/caddy", "run", "--config", str(path), "--adapter", "caddyfile"],
                             directory, "caddy", home)


class Pvescout:
    name = "pvescout"

    def __init__(self, directory, upstream, core, binary, routes=()):
        """Routes: aliases besides the two that are measured, all to the same upstream."""
        self.name = f"{self.name}-{len(routes)}" if routes else self.name
        self.ports = {"http": free_port(), "tcp": free_port()}
        folder = pathlib.Path(directory) / self.name
        folder.mkdir()
        (folder / "pvescout.yml").write_text(f"""
proxmox: []
providers: {{files: [routes.yml]}}
socket: {{path: {folder}/agent.sock}}
state_dir: {folder}/state
proxy: {{http: "127.0.0.1:{self.ports["http"]}"}}
""")
        (folder / "routes.yml").write_text(f"""
bench: {{host: 127.0.0.1, port: {upstream}, scheme: http, healthcheck: {{disable: true}}}}
relay: {{host: 127.0.0.1, port: "{self.ports["tcp"]}:{upstream}", scheme: tcp, healthcheck: {{disable: true}}}}
""" + "".join(f"{alias}: {{host: 127.0.0.1, port: {upstream}, scheme: http, healthcheck: {{disable: true}}}}\n"
              for alias in routes))
        self.process = start(core, [binary, "run", "--config", str(folder / "pvescout.yml")], directory, self.name)


PROXIES = {proxy.name: proxy for proxy in (Nginx, HAProxy, Caddy, Pvescout)}
