import RouteModel
import RouteRegistry
import Synchronization
import TestSupport
import Testing

@testable import ReverseProxy

/// An upstream that answers before the request has ended still waits for the rest of the body: it would read the next
/// request on that connection as the body.
@Suite(.timeLimit(.minutes(2))) struct UnfinishedRequestTests {
  private final class Leftovers: Sendable {
    let bytes = Mutex<[UInt8]>([])
  }

  @Test func itsConnectionIsNotReused() async throws {
    let leftovers = Leftovers()
    let upstream = try await RawServer { connection in
      guard let head = try await connection.head() else { return }
      if head.path == "/upload" {
        _ = try await connection.take(5)
        try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nearly")
        let rest = try await connection.takeAll()
        leftovers.bytes.withLock { $0 += rest }
      } else {
        try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nnext")
      }
    }
    let configure: (inout ProxyConfiguration) -> Void = { $0.timeouts.responseHeader = .seconds(20) }
    try await RunningProxy.serving([try .http("web", to: upstream)], configure: configure) { proxy in
      let uploading = try await proxy.connect()
      try await uploading.send("PUT /upload HTTP/1.1\r\nHost: web\r\nContent-Length: 10\r\n\r\nhello")
      let answer = try #require(try await uploading.response(to: "PUT"))
      #expect(answer.text == "early" && answer["connection"]?.lowercased() == "close")
      // At least one for each event loop, because event loops do not share upstream connections.
      for _ in 0..<4 {
        let other = try await proxy.connect()
        try await other.send("GET /next HTTP/1.1\r\nHost: web\r\n\r\n")
        #expect(try await other.response()?.text == "next")
      }
    }
    #expect(leftovers.bytes.withLock { $0.isEmpty })
  }
}
