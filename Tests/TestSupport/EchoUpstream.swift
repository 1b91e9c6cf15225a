import Synchronization

/// An upstream that answers every request with its own name and keeps all requests byte for byte.
package final class EchoUpstream: Sendable {
  package let name: String
  private let server: RawServer
  private let seen: Seen

  private final class Seen: Sendable {
    let requests = Mutex<[RawMessage]>([])
    let answers = Mutex<[String: [UInt8]]>([:])
  }

  /// - Parameter answers: raw responses by path, instead of the name.
  package init(_ name: String = "echo", answers: [String: String] = [:]) async throws {
    let seen = Seen()
    seen.answers.withLock { $0 = answers.mapValues { Array($0.utf8) } }
    server = try await RawServer { connection in
      while let request = try await connection.request() {
        seen.requests.withLock { $0.append(request) }
        let plain = Array("HTTP/1.1 200 OK\r\nContent-Length: \(name.utf8.count)\r\n\r\n".utf8)
        let answer = seen.answers.withLock { $0[request.path] }
        try await connection.send(answer ?? plain + (request.method == "HEAD" ? [] : Array(name.utf8)))
      }
    }
    (self.name, self.seen) = (name, seen)
  }

  /// `host: …, port: …` for a route to it.
  package var target: String {
    "host: \(server.host), port: \(server.port), scheme: http, healthcheck: {disable: true}"
  }

  package var host: String { server.host }
  package var port: UInt16 { server.port }
  /// In the order of arrival.
  package var requests: [RawMessage] { seen.requests.withLock { $0 } }
  package var connections: Int { server.connections }
}
