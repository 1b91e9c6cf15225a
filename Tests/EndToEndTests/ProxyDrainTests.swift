import Glibc
import TestSupport
import Testing

/// SIGTERM ends what is at rest, and lets finish what is under way.
@Suite(.serialized, .inTurn)
struct ProxyDrainTests {
  @Test func requestsInFlightFinishWhileNewConnectionsAreRefused() async throws {
    let (begun, gate) = (Gate(), Gate())
    let server = try await RawServer { connection in
      guard try await connection.request() != nil else { return }
      begun.open()
      try await gate.wait()
      try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone")
      _ = try await connection.takeAll()
    }
    let lab = try await ProxyLab.start(server, settings: ", drain: 5m")
    let (busy, resting) = (try await lab.connect(), try await lab.connect())
    try await resting.send("GET / HTTP/1.1\r\nHost: nowhere\r\n\r\n")
    #expect(try await resting.response()?.status == 404)
    try await busy.send("GET / HTTP/1.1\r\nHost: web\r\n\r\n")
    try await begun.wait()
    lab.agent.program.signal(SIGTERM)
    try await eventually("new connections are refused") { () -> Bool? in
      do {
        _ = try await lab.connect()
        return nil
      } catch { return true }
    }
    #expect(try await resting.takeAll().isEmpty)
    #expect(!busy.isEnded && lab.agent.program.exitStatus == nil)
    gate.open()
    let answer = try #require(try await busy.response())
    #expect(answer.text == "done")
    _ = try await busy.takeAll()
    #expect(try await lab.agent.program.exit() == .code(0))
  }

  @Test func whatDoesNotFinishIsCutAtTheBound() async throws {
    let begun = Gate()
    let server = try await RawServer { connection in
      _ = try await connection.request()
      begun.open()
      _ = try await connection.takeAll()
    }
    let lab = try await ProxyLab.start(server, settings: ", drain: 1s")
    let connection = try await lab.connect()
    try await connection.send("GET / HTTP/1.1\r\nHost: web\r\n\r\n")
    try await begun.wait()
    #expect(try await lab.agent.stop() == .code(0))
    #expect(try await connection.takeAll().isEmpty || connection.isEnded)
  }
}
