import Glibc
import TestSupport
import Testing

/// SIGTERM ends idle connections, and lets active requests finish.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10)))
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
    try await eventually("new connections are refused") { () async -> Bool? in
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

  /// All listeners close at the signal, even if others still have active requests; streams may finish like requests.
  @Test func streamsAreRefusedWhileARequestIsInFlight() async throws {
    let (begun, gate) = (Gate(), Gate())
    let server = try await RawServer { connection in
      guard try await connection.request() != nil else { return }
      begun.open()
      try await gate.wait()
      try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone")
      _ = try await connection.takeAll()
    }
    let echo = try await RawServer { connection in
      while let byte = try await connection.take(1) { try await connection.send(byte) }
    }
    let lab = try await ProxyLab.start(
      routes: "web: {\(server.target)}\necho: {host: \(echo.host), port: \"0:\(echo.port)\"}", settings: ", drain: 5m")
    let port = try await lab.streamPort("echo")
    let (busy, stream) = (try await lab.connect(), try await RawConnection.connect(to: port))
    try await stream.send("a")
    #expect(try await stream.take(1) == Array("a".utf8))
    try await busy.send("GET / HTTP/1.1\r\nHost: web\r\n\r\n")
    try await begun.wait()
    lab.agent.program.signal(SIGTERM)
    try await eventually("new streams are refused") { () async -> Bool? in
      do {
        _ = try await RawConnection.connect(to: port)
        return nil
      } catch { return true }
    }
    #expect(!busy.isEnded && lab.agent.program.exitStatus == nil)
    try await stream.send("b")
    #expect(try await stream.take(1) == Array("b".utf8))
    gate.open()
    #expect(try await busy.response()?.text == "done")
    stream.close()
    #expect(try await lab.agent.program.exit() == .code(0))
  }

  /// A stream that is cut together with the requests has not had a separate drain time after theirs.
  @Test func streamsAndRequestsAreCutByOneBound() async throws {
    let begun = Gate()
    let server = try await RawServer { connection in
      _ = try await connection.request()
      begun.open()
      _ = try await connection.takeAll()
    }
    let echo = try await RawServer { connection in
      while let byte = try await connection.take(1) { try await connection.send(byte) }
    }
    let drain = Duration.seconds(20)
    let lab = try await ProxyLab.start(
      routes: "web: {\(server.target)}\necho: {host: \(echo.host), port: \"0:\(echo.port)\"}", settings: ", drain: 20s")
    let stream = try await RawConnection.connect(to: try await lab.streamPort("echo"))
    try await stream.send("a")
    #expect(try await stream.take(1) == Array("a".utf8))
    let busy = try await lab.connect()
    try await busy.send("GET / HTTP/1.1\r\nHost: web\r\n\r\n")
    try await begun.wait()
    lab.agent.program.signal(SIGTERM)
    _ = try await busy.takeAll()
    let cut = ContinuousClock.now
    _ = try await stream.takeAll()
    #expect(cut.duration(to: .now) < drain, "the drain of streams began behind that of requests")
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
