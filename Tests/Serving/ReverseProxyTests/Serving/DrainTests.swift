import RouteModel
import RouteRegistry
import TestSupport
import Testing

@testable import ReverseProxy

@Suite(.timeLimit(.minutes(2))) struct DrainTests {
  /// Otherwise a client could send its next request on a connection that is about to close.
  @Test func aResponseWhileDrainingIsTheLastOfItsConnection() async throws {
    let (begun, gate) = (Gate(), Gate())
    let upstream = try await RawServer { connection in
      guard try await connection.request() != nil else { return }
      begun.open()
      try await gate.wait()
      try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone")
      _ = try await connection.takeAll()
    }
    let configure: (inout ProxyConfiguration) -> Void = { $0.timeouts.drain = .seconds(60) }
    try await RunningProxy.serving([try .http("web", to: upstream)], configure: configure) { proxy in
      let busy = try await proxy.connect()
      try await busy.send("GET / HTTP/1.1\r\nHost: web\r\n\r\nGET /second HTTP/1.1\r\nHost: web\r\n\r\n")
      try await begun.wait()
      // Idle connections on every event loop: each is closed when its loop drains.
      var idle: [RawConnection] = []
      for _ in 0..<4 {
        let connection = try await proxy.connect()
        try await connection.send("GET / HTTP/1.1\r\nHost: nowhere\r\n\r\n")
        #expect(try await connection.response()?["connection"] == nil)
        idle.append(connection)
      }
      await proxy.stop()
      for connection in idle { #expect(try await connection.takeAll().isEmpty) }
      gate.open()
      let answer = try #require(try await busy.response())
      #expect(answer.text == "done" && answer["connection"]?.lowercased() == "close", "\(answer)")
      #expect(try await busy.takeAll().isEmpty, "the second request is not begun")
    }
  }
}
