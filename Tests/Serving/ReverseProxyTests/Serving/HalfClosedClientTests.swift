import ProxyTraffic
import RouteModel
import RouteRegistry
import TestSupport
import Testing

@testable import ReverseProxy

/// Clients that close their sending side and wait for the response (RFC 9112 §9.6).
@Suite(.timeLimit(.minutes(5))) struct HalfClosedClientTests {
  private static let tunnel = "GET / HTTP/1.1\r\nHost: web\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"

  /// Answers each request with its body once the gate is open.
  private static func echo(behind gate: Gate) async throws -> RawServer {
    try await RawServer { connection in
      while let request = try await connection.request() {
        try await gate.wait()
        try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(request.body.count)\r\n\r\n")
        try await connection.send(request.body)
      }
    }
  }

  @Test(
    arguments: [false, true],
    ["GET / HTTP/1.1\r\nHost: web\r\n\r\n", "PUT / HTTP/1.1\r\nHost: web\r\nContent-Length: 2\r\n\r\nab"])
  func getTheirAnswer(isSecure: Bool, request: String) async throws {
    let gate = Gate()
    let upstream = try await Self.echo(behind: gate)
    let route = try RegisteredRoute.http("web", to: upstream)
    try await RunningProxy.serving([route], certificate: isSecure ? TestCertificate() : nil) { proxy in
      let connection = try await proxy.connect(offering: isSecure ? ["http/1.1"] : nil)
      try await connection.send(request)
      try await connection.finish()
      try await eventually("it is served") { proxy.totals(route).inFlight == 1 ? () : nil }
      gate.open()
      let answer = try #require(try await connection.response())
      #expect(answer.status == 200 && answer.text == (request.hasPrefix("PUT") ? "ab" : ""), "\(answer)")
      #expect(try await connection.takeAll().isEmpty)
    }
  }

  @Test func getAllTheirAnswers() async throws {
    let gate = Gate()
    let upstream = try await Self.echo(behind: gate)
    try await RunningProxy.serving([try .http("web", to: upstream)]) { proxy in
      let connection = try await proxy.connect()
      for number in 1...3 {
        try await connection.send("PUT / HTTP/1.1\r\nHost: web\r\nContent-Length: 1\r\n\r\n\(number)")
      }
      try await connection.finish()
      gate.open()
      for number in 1...3 { #expect(try await connection.response()?.text == "\(number)") }
      #expect(try await connection.takeAll().isEmpty)
    }
  }

  @Test(arguments: [false, true])
  func getTheWholeAnswerHoweverSlowlyTheyRead(isSecure: Bool) async throws {
    let folder = try TemporaryDirectory()
    let size = 12 << 20
    try folder.write(String(repeating: "x", count: size), to: "large")
    let route = try RegisteredRoute.http("files", to: .files(root: folder.path))
    try await RunningProxy.serving([route], certificate: isSecure ? TestCertificate() : nil) { proxy in
      let connection = try await proxy.connect(offering: isSecure ? ["http/1.1"] : nil)
      try await connection.send("HEAD /large HTTP/1.1\r\nHost: files\r\n\r\n")
      #expect(try await connection.head()?.status == 200)
      try await connection.stopReading()
      try await connection.send("GET /large HTTP/1.1\r\nHost: files\r\n\r\n")
      try await connection.finish()
      try await connection.readSlowly()
      #expect(try await connection.response()?.body.count == size)
    }
  }

  /// As with `socat` and programs that use `Upgrade: tcp`: the response starts at the end of the input.
  @Test(arguments: [false, true], [false, true])
  func theirEndOfInputPassesThroughATunnel(isSecure: Bool, isEarly: Bool) async throws {
    let upstream = try await RawServer { connection in
      guard try await connection.head() != nil else { return }
      try await connection.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n")
      let asked = try await connection.takeAll()
      try await connection.send("answer to ")
      try await connection.send(asked)
    }
    let route = try RegisteredRoute.http("web", to: upstream)
    try await RunningProxy.serving([route], certificate: isSecure ? TestCertificate() : nil) { proxy in
      let connection = try await proxy.connect(offering: isSecure ? ["http/1.1"] : nil)
      try await connection.send(Self.tunnel + (isEarly ? "question" : ""))
      if isEarly { try await connection.finish() }
      #expect(try await connection.response()?.status == 101)
      if !isEarly {
        try await connection.send("question")
        try await connection.finish()
      }
      #expect(String(decoding: try await connection.takeAll(), as: UTF8.self) == "answer to question")
      try await eventually("it is over") { proxy.totals(route).inFlight == 0 ? () : nil }
    }
  }

  @Test(arguments: ["", "GET / HT", "PUT / HTTP/1.1\r\nHost: web\r\nContent-Length: 4\r\n\r\nab"])
  func anIncompleteRequestIsNotServed(text: String) async throws {
    let upstream = try await RawServer { connection in _ = try await connection.takeAll() }
    let route = try RegisteredRoute.http("web", to: upstream)
    try await RunningProxy.serving([route]) { proxy in
      let connection = try await proxy.connect()
      try await connection.send(text)
      try await connection.finish()
      #expect(try await connection.takeAll().isEmpty)
      try await eventually("no request is in flight") { proxy.totals(route).inFlight == 0 ? () : nil }
    }
  }
}
