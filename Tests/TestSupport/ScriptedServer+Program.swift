extension ScriptedServer {
  /// The server's program: one thread for each connection, events as JSON lines on stdout, gates as lines on stdin.
  static let program = #"""
    import base64, json, os, socket, ssl, struct, sys, threading

    plan = json.loads(sys.stdin.readline())
    output, gates, gates_lock = threading.Lock(), {}, threading.Lock()

    def tell(kind, **fields):
        with output:
            sys.stdout.write(json.dumps({"event": kind, **fields}) + "\n")
            sys.stdout.flush()

    def gate(name):
        with gates_lock:
            return gates.setdefault(name, threading.Event())

    def follow_parent():
        for line in sys.stdin:
            gate(line.strip()).set()
            tell("gate", name=line.strip())
        os._exit(0)

    class Connection:
        def __init__(self, sock, number):
            self.sock, self.number, self.buffer, self.received = sock, number, b"", 0

        def fill(self):
            data = self.sock.recv(65536)
            self.received += len(data)
            self.buffer += data
            return data

        def take(self, count):
            while len(self.buffer) < count:
                if not self.fill():
                    return None
            data, self.buffer = self.buffer[:count], self.buffer[count:]
            return data

        def request(self):
            while b"\r\n\r\n" not in self.buffer:
                if not self.fill():
                    return None
            head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
            first, *lines = head.decode("latin-1").split("\r\n")
            method, path, _ = first.split(" ")
            headers = {n.lower(): v.strip() for n, v in (line.split(":", 1) for line in lines)}
            body = self.take(int(headers.get("content-length", "0"))) or b""
            return {"method": method, "path": path, "headers": headers, "body": body.decode("latin-1")}

        def play(self, steps, request):
            for step in steps:
                kind = step["do"]
                if kind == "send":
                    self.sock.sendall(base64.b64decode(step["bytes"]))
                elif kind == "flood":
                    left, block = int(step["count"]), b"x" * 65536
                    while left > 0:
                        self.sock.sendall(block[:left])
                        left -= len(block)
                elif kind == "echo":
                    body = json.dumps(request).encode()
                    self.sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
                elif kind == "gate":
                    gate(step["name"]).wait()
                elif kind == "hold":
                    while self.fill():
                        pass
                    return False
                elif kind == "close":
                    return False
                elif kind == "reset":
                    self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    return False
            return True

        def serve(self):
            while (request := self.request()) is not None:
                tell("request", connection=self.number, **request)
                routes, path = plan["routes"], request["path"].split("?")[0]
                if not self.play(routes.get(path, routes.get("*", [])), request):
                    return

        def serve_http2(self):
            def frame(kind, flags, stream, payload=b""):
                self.sock.sendall(struct.pack(">I", len(payload))[1:] + bytes([kind, flags])
                                  + struct.pack(">I", stream) + payload)
            if self.take(24) != b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n":
                return
            frame(4, 0, 0)
            while (head := self.take(9)) is not None:
                payload, kind, flags = self.take(int.from_bytes(head[:3], "big")), head[3], head[4]
                stream = int.from_bytes(head[5:], "big")
                if kind == 4 and not flags & 1:
                    frame(4, 1, 0)
                elif kind == 1:
                    frame(1, 4, stream, b"\x88")
                    frame(0, 1, stream, b"over HTTP/2")

    def handle(raw, number, context):
        tell("connection", connection=number)
        connection = Connection(raw, number)
        try:
            if context:
                connection.sock = context.wrap_socket(raw, server_side=True)
                tell("tls", connection=number, resumed=connection.sock.session_reused,
                     server_name=getattr(connection.sock, "asked_name", None))
            if plan["greeting"]:
                connection.sock.sendall(plan["greeting"].encode())
            connection.serve_http2() if plan["speaksHTTP2"] else connection.serve()
        except ssl.SSLError:
            tell("handshake_failed", connection=number)
        except OSError:
            pass
        connection.sock.close()
        tell("closed", connection=number, received=connection.received)

    def remember_name(sock, name, context):
        sock.asked_name = name

    context = None
    if plan.get("certificate"):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(plan["certificate"], plan["key"])
        context.sni_callback = remember_name
    if plan.get("unixSocket"):
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(plan["unixSocket"])
    else:
        listener = socket.socket(socket.AF_INET6 if ":" in plan["host"] else socket.AF_INET)
        listener.bind((plan["host"], 0))
    listener.listen(1024)
    threading.Thread(target=follow_parent, daemon=True).start()
    tell("listening", port=0 if plan.get("unixSocket") else listener.getsockname()[1])
    number = 0
    while True:
        raw, _ = listener.accept()
        number += 1
        threading.Thread(target=handle, args=(raw, number, context), daemon=True).start()
    """#
}
