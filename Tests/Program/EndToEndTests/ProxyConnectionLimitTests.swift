import Synchronization
import TestSupport
import Testing

/// `max_conns_per_host: 1`, for a device that serves one client at a time, in the real program.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10)))
struct ProxyConnectionLimitTests {
  private static let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

  /// Beside its health checks, and by HTTP and TCP routes to it.
  @Test func aDeviceThatServesOneClientAtATimeServesAll() async throws {
    let isTaken = Mutex(false)
    let device = try await RawServer { connection in
      try await eventually(every: .milliseconds(1), "its turn comes") { isTaken.exchange(true) ? nil : () }
      defer { isTaken.withLock { $0 = false } }
      while try await connection.request() != nil { try await connection.send(Self.answer) }
    }
    let target = "host: \(device.host), max_conns_per_host: 1, healthcheck: {interval: 100ms, timeout: 60s}"
    let lab = try await ProxyLab.start(
      routes: """
        web: {\(target), port: \(device.port), scheme: http}
        raw: {\(target), port: "0:\(device.port)"}
        """, settings: ", timeouts: {connect: 5m}")
    let port = try await lab.streamPort("raw")
    try await withThrowingTaskGroup { group in
      for number in 0..<16 {
        group.addTask {
          let connection = try await RawConnection.connect(to: number % 2 == 0 ? lab.port : port)
          try await connection.send("GET / HTTP/1.1\r\nHost: web\r\n\r\n")
          #expect(try await connection.response()?.text == "ok")
          connection.close()
        }
      }
      try await group.waitForAll()
    }
    try await lab.agent.route("web", "is healthy") { $0["health"]["status"].string == "healthy" }
  }
}

extension Mutex<Bool> {
  fileprivate borrowing func exchange(_ new: Bool) -> Bool {
    withLock { value in
      defer { value = new }
      return value
    }
  }
}
