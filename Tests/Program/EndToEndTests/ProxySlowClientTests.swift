import TestSupport
import Testing

/// Clients that never finish delay only themselves, and not forever.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10)))
struct ProxySlowClientTests {
  @Test func manyHalfHeadsLeaveOthersServedAndEnd() async throws {
    let upstream = try await EchoUpstream()
    let lab = try await ProxyLab.start(upstream, settings: ", timeouts: {request_header: 30s}")
    var slow: [RawConnection] = []
    for _ in 0..<300 {
      let connection = try await lab.connect()
      try? await connection.send("GET / HTTP/1.1\r\nHost: web\r\nX-Slow: ")
      slow.append(connection)
    }
    for _ in 0..<20 { #expect(try await lab.get("web").text == "echo") }
    for connection in slow {
      // Slowly dripping bytes do not extend the deadline.
      try? await connection.send("x")
      let answer = try await connection.response()
      #expect(answer == nil || answer?.status == 408)
      _ = try await connection.takeAll()
    }
    #expect(upstream.requests.count == 20)
  }

  @Test func aConnectionAtRestEnds() async throws {
    let lab = try await ProxyLab.start(try await EchoUpstream(), settings: ", timeouts: {idle: 1s, request_header: 1s}")
    let silent = try await lab.connect()
    // A client that takes longer to ask is closed before.
    let used = try await eventually("a request is answered") { () -> RawConnection? in
      let connection = try await lab.connect()
      try? await connection.send("GET / HTTP/1.1\r\nHost: web\r\n\r\n")
      return try await connection.response()?.status == 200 ? connection : nil
    }
    #expect(try await used.takeAll().isEmpty)
    #expect(try await silent.takeAll().isEmpty)
  }

  @Test func anUploadThatStopsEnds() async throws {
    let upstream = try await EchoUpstream()
    let lab = try await ProxyLab.start(upstream, settings: ", timeouts: {idle: 1s}")
    let connection = try await lab.connect()
    try? await connection.send("PUT / HTTP/1.1\r\nHost: web\r\nContent-Length: 1000\r\n\r\nsome")
    let answer = try await connection.response()
    #expect(answer == nil || answer?.status == 408, "\(String(describing: answer))")
    _ = try await connection.takeAll()
    #expect(upstream.requests.isEmpty || !upstream.requests[0].isComplete)
  }
}
