import Foundation
import Glibc

/// A web server on loopback in a separate process: nginx if it is installed, else a small one in Python.
final class WebServer {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// The name of the program.
  let kind: String
  /// All of them listen on ``port``.
  let hosts: [String]
  let port: UInt16
  private let process = Process()
  private let input = Pipe()
  private let folder: URL

  /// Returns once it answers on each of that many addresses.
  init(addresses: Int) throws {
    let network = "127.\((64...127).randomElement() ?? 64).\((0...255).randomElement() ?? 0)"
    hosts = (1...addresses).map { "\(network).\($0)" }
    port = UInt16((20_000...30_000).randomElement() ?? 20_000)
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("pvescout-bench-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let nginx = ["/usr/sbin/nginx", "/usr/bin/nginx"].first { FileManager.default.isExecutableFile(atPath: $0) }
    kind = nginx == nil ? "python" : "nginx"
    if let nginx {
      try launch(nginx, ["-p", folder.path, "-c", try nginxConfiguration(), "-e", "\(folder.path)/error.log"])
    } else {
      try launch("/usr/bin/env", ["python3", "-c", Self.python, "\(port)"] + hosts)
    }
    for host in hosts { try awaitListener(on: host) }
  }

  deinit {
    try? input.fileHandleForWriting.close()
    try? FileManager.default.removeItem(at: folder)
  }

  /// Ends with this value, or with this process, however that ends. Not by SIGTERM: a child may have inherited a mask in
  /// which that is blocked.
  private func launch(_ path: String, _ arguments: [String]) throws {
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", #""$@" </dev/null & read -r end; kill -9 $!"#, "sh", path] + arguments
    process.standardInput = input
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
  }

  private func nginxConfiguration() throws -> String {
    let listens = hosts.map { "listen \($0):\(port);" }.joined(separator: " ")
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map { "\($0)_temp_path \(folder.path)/\($0);" }
    let text = """
      daemon off; master_process off; pid \(folder.path)/pid;
      events { worker_connections 2048; }
      http {
        access_log off; \(temporary.joined(separator: " "))
        server { \(listens) location / { return 200 "ok"; } }
      }
      """
    let file = folder.appendingPathComponent("nginx.conf")
    try text.write(to: file, atomically: true, encoding: .utf8)
    return file.path
  }

  private func awaitListener(on host: String) throws {
    let deadline = ContinuousClock.now + .seconds(30)
    while !isListening(host) {
      guard process.isRunning, ContinuousClock.now < deadline else {
        throw Failure(description: "\(kind) does not listen on \(host):\(port)")
      }
      usleep(10_000)
    }
  }

  private func isListening(_ host: String) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    inet_pton(AF_INET, host, &address.sin_addr)
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }

  private static let python = """
    from asyncio import Event, IncompleteReadError, run, start_server
    from sys import argv
    async def serve(reader, writer):
        try:
            while await reader.readuntil(b'\\r\\n\\r\\n'):
                writer.write(b'HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n')
                await writer.drain()
        except (IncompleteReadError, ConnectionError):
            writer.close()
    async def main():
        await start_server(serve, argv[2:], int(argv[1]), backlog=1024)
        await Event().wait()
    run(main())
    """
}
