import Foundation
import TestSupport

/// Clients that repeatedly connect to all kinds of the agent's listeners, as a separate process.
final class ConnectStorm: Sendable {
  struct Targets: Encodable {
    var socket: String
    var http: UInt16
    var https: UInt16
    var tcp: UInt16
    var udp: UInt16
  }

  private let process: ServerProcess

  /// Returns once clients of each kind have connected.
  init(_ targets: Targets) async throws {
    let process = try ServerProcess(
      program: Self.program, input: String(decoding: try JSONEncoder().encode(targets), as: UTF8.self))
    self.process = process
    try await eventually("clients of every kind connect; they are \(process.lines)") {
      Set(process.lines).count == 5 ? () : nil
    }
  }

  private static let program = """
    import json, socket, ssl, sys, threading
    plan = json.loads(sys.stdin.readline())
    context = ssl._create_unverified_context()
    lock = threading.Lock()
    def tcp(port):
        s = socket.socket()
        s.settimeout(2)
        s.connect(("127.0.0.1", port))
        return s
    def unix():
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(2)
        s.connect(plan["socket"])
        return s
    def udp():
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.connect(("127.0.0.1", plan["udp"]))
        return s
    kinds = {
        "socket": (unix, b"GET /livez HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n"),
        "http": (lambda: tcp(plan["http"]), b"GET / HTTP/1.1\\r\\nHost: web\\r\\n\\r\\n"),
        "https": (lambda: context.wrap_socket(tcp(plan["https"])), b"GET / HTTP/1.1\\r\\nHost: web\\r\\n\\r\\n"),
        "tcp": (lambda: tcp(plan["tcp"]), b"GET / HTTP/1.1\\r\\nHost: web\\r\\n\\r\\n"),
        "udp": (udp, b"hello"),
    }
    def storm(name):
        make, text = kinds[name]
        count = 0
        while True:
            try:
                s = make()
                s.sendall(text)
                # Some are not waited for.
                if name != "udp" and count % 3 != 2:
                    s.recv(4096)
                if count == 0:
                    with lock:
                        print(name, flush=True)
                s.close()
                count += 1
            except OSError:
                pass
    for name in ["socket"] * 4 + ["http", "https", "tcp", "udp"]:
        threading.Thread(target=storm, args=(name,), daemon=True).start()
    sys.stdin.read()
    """
}
