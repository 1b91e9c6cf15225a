"""The proxies of compare_proxies.py, each configured for the same task: keep-alive both ways, X-Forwarded-For, one core."""

import os
import pathlib
import socket
import subprocess

import certificates

PORTS = ("http", "https", "tcp", "https-upstream", "h2c-upstream")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(core, command, directory, name, environment=None):
    """A program on one core; its output goes to a file."""
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
  ssl_certificate {certificate}; ssl_certificate_key {key}; ssl_protocols TLSv1.2 TLSv1.3;
  {http}
}}
{rest}
"""


def start_nginx(core, directory, name, server, http, rest="", modules=""):
    folder = pathlib.Path(directory) / name
    folder.mkdir()
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        NGINX.format(folder=folder, http=http, rest=rest, modules=modules, user=user, certificate=server.certificate,
                     key=server.key))
    return start(core, ["/usr/sbin/nginx", "-e", "stderr", "-p", str(folder), "-c", str(folder / "nginx.conf")],
                 directory, name)


class Upstream:
    """nginx with files /SIZE and /big: over HTTP/1.1, the same with TLS, and over HTTP/2 in clear text."""

    def __init__(self, directory, sizes, big, core):
        root = pathlib.Path(directory) / "files"
        root.mkdir()
        for size in sizes:
            (root / str(size)).write_bytes(b"x" * size)
        with open(root / "big", "wb") as file:
            file.truncate(big)
        self.server = certificates.of_server(str(pathlib.Path(directory) / "certificates"), "compare.test")
        self.http, self.https, self.h2c = free_port(), free_port(), free_port()
        http = f"""
          open_file_cache max=100; root {root}; http2_max_concurrent_streams 128;
          server {{ listen 127.0.0.1:{self.http} backlog=4096; }}
          server {{ listen 127.0.0.1:{self.https} ssl backlog=4096; }}
          server {{ listen 127.0.0.1:{self.h2c} http2 backlog=4096; }}"""
        self.process = start_nginx(core, directory, "upstream", self.server, http)

    @property
    def ports(self):
        return self.http, self.https, self.h2c


class Nginx:
    name = "nginx"

    def __init__(self, directory, upstream, core, _):
        self.ports = {port: free_port() for port in PORTS}
        location = """location / { proxy_pass %s; proxy_http_version 1.1; proxy_set_header Connection "";
              proxy_set_header Host $host; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; %s }"""
        plain = location % ("http://app", "")
        verified = ("proxy_ssl_verify on; proxy_ssl_name compare.test; proxy_ssl_server_name on; "
                    f"proxy_ssl_trusted_certificate {upstream.server.ca};")
        keep = "keepalive 512; keepalive_requests 1000000000;"
        http = f"""
          upstream app {{ server 127.0.0.1:{upstream.http}; {keep} }}
          upstream secure {{ server 127.0.0.1:{upstream.https}; {keep} }}
          server {{ listen 127.0.0.1:{self.ports["http"]} backlog=4096; {plain} }}
          server {{ listen 127.0.0.1:{self.ports["https"]} ssl http2 backlog=4096; {plain} }}
          server {{ listen 127.0.0.1:{self.ports["h2c-upstream"]} ssl http2 backlog=4096; {plain} }}
          server {{ listen 127.0.0.1:{self.ports["https-upstream"]} backlog=4096;
            {location % ("https://secure", verified)} }}"""
        stream = f"""
          stream {{ server {{ listen 127.0.0.1:{self.ports["tcp"]} backlog=4096; tcp_nodelay on;
            proxy_pass 127.0.0.1:{upstream.http}; }} }}"""
        module = "load_module /usr/lib/nginx/modules/ngx_stream_module.so;"
        self.process = start_nginx(core, directory, "nginx", upstream.server, http, stream, module)


class HAProxy:
    name = "haproxy"

    def __init__(self, directory, upstream, core, _):
        self.ports = {port: free_port() for port in PORTS}
        pair = pathlib.Path(directory) / "haproxy.pem"
        pair.write_text("".join(pathlib.Path(path).read_text() for path in (upstream.server.certificate, upstream.server.key)))
        secure = f"ssl crt {pair} alpn h2,http/1.1"
        fronts = {"http": ("", "app"), "https": (secure, "app"), "h2c-upstream": (secure, "h2c"), "https-upstream": ("", "secure")}
        frontends = "".join(f"""
frontend {name}
  mode http
  bind 127.0.0.1:{self.ports[name]} backlog 4096 {options}
  option forwardfor
  default_backend {backend}
""" for name, (options, backend) in fronts.items())
        servers = {"app": f"{upstream.http}", "h2c": f"{upstream.h2c} proto h2",
                   "secure": f"{upstream.https} ssl verify required ca-file {upstream.server.ca} verifyhost compare.test sni str(compare.test)"}
        backends = "".join(f"""
backend {name}
  mode http
  http-reuse always
  server one 127.0.0.1:{server} pool-max-conn 512
""" for name, server in servers.items())
        path = pathlib.Path(directory) / "haproxy.cfg"
        path.write_text(f"""
global
  nbthread 1
  maxconn 4000
  ssl-default-bind-options ssl-min-ver TLSv1.2
defaults
  timeout connect 5s
  timeout client 300s
  timeout server 300s
{frontends}
{backends}
listen relay
  mode tcp
  bind 127.0.0.1:{self.ports["tcp"]} backlog 4096
  server one 127.0.0.1:{upstream.http}
""")
        self.process = start(core, ["/usr/sbin/haproxy", "-db", "-f", str(path)], directory, "haproxy")


class Caddy:
    name = "caddy"

    def __init__(self, directory, upstream, core, _):
        self.ports = {port: free_port() for port in PORTS if port != "tcp"}
        keep = "keepalive_idle_conns 512\n keepalive_idle_conns_per_host 512"
        trust = f"tls_trusted_ca_certs {upstream.server.ca}\n tls_server_name compare.test"
        tls = f"tls {upstream.server.certificate} {upstream.server.key}"
        sites = "".join(f"""
{scheme}://:{self.ports[name]} {{
  bind 127.0.0.1
  {options}
  reverse_proxy {target} {{
    transport http {{
      {transport}
    }}
  }}
}}
""" for name, scheme, options, target, transport in (
            ("http", "http", "", f"127.0.0.1:{upstream.http}", keep),
            ("https", "https", tls, f"127.0.0.1:{upstream.http}", keep),
            ("h2c-upstream", "https", tls, f"h2c://127.0.0.1:{upstream.h2c}", keep),
            ("https-upstream", "http", "", f"https://127.0.0.1:{upstream.https}", f"{keep}\n {trust}")))
        path = pathlib.Path(directory) / "Caddyfile"
        path.write_text("{\n admin off\n auto_https off\n default_sni compare.test\n}\n" + sites)
        home = {"GOMAXPROCS": "1", "HOME": str(directory), "XDG_DATA_HOME": str(directory), "XDG_CONFIG_HOME": str(directory)}
        self.process = start(core, ["/usr/bin/caddy", "run", "--config", str(path), "--adapter", "caddyfile"],
                             directory, "caddy", home)


class Pvescout:
    name = "pvescout"

    def __init__(self, directory, upstream, core, binary, routes=()):
        """Additional aliases, all with the same upstream."""
        self.name = f"{self.name}-{len(routes)}" if routes else self.name
        http, https = free_port(), free_port()
        # The host selects the route, not the port.
        self.ports = {"http": http, "https": https, "tcp": free_port(), "https-upstream": http, "h2c-upstream": https}
        folder = pathlib.Path(directory) / self.name
        folder.mkdir()
        (folder / "pvescout.yml").write_text(f"""
proxmox: []
providers: {{files: [routes.yml]}}
socket: {{path: {folder}/agent.sock}}
state_dir: {folder}/state
proxy:
  http: "127.0.0.1:{http}"
  https: "127.0.0.1:{https}"
  certificate: {upstream.server.certificate}
  key: {upstream.server.key}
""")
        (folder / "routes.yml").write_text(f"""
x-rest: &rest {{host: 127.0.0.1, healthcheck: {{disable: true}}}}
bench: {{<<: *rest, port: {upstream.http}, scheme: http}}
secure: {{<<: *rest, port: {upstream.https}, scheme: https, ssl_trusted_certificate: {upstream.server.ca}}}
h2c: {{<<: *rest, port: {upstream.h2c}, scheme: h2c}}
relay: {{<<: *rest, port: "{self.ports["tcp"]}:{upstream.http}", scheme: tcp}}
""" + "".join(f"{alias}: {{<<: *rest, port: {upstream.http}, scheme: http}}\n" for alias in routes))
        self.process = start(core, [binary, "run", "--config", str(folder / "pvescout.yml")], directory, self.name)


PROXIES = {proxy.name: proxy for proxy in (Nginx, HAProxy, Caddy, Pvescout)}
