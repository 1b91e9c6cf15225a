import RouteModel
import RouteRegistry
import TestSupport
import Testing

@testable import ReverseProxy

/// TLS takes its time to close: a connection that is about to must serve no other request.
@Suite(.timeLimit(.minutes(5))) struct ClosingUpstreamTests {
  private static func serving(
    _ server: ForgetfulTLSServer, _ body: (RunningProxy) async throws -> Void
  ) async throws {
    let target = Upstream.network(scheme: .https, host: "127.0.0.1", port: server.port)
    try await RunningProxy.serving([try .http("web", to: target, trust: .unverified)], body)
  }

  /// The proxy closed it, and the upstream does not answer to that. What may have had an effect is not sent twice: so
  /// whoever got that connection would get a 502.
  @Test func anExpiredIdleConnectionIsNotReused() async throws {
    let server = try await ForgetfulTLSServer(try TestCertificate(), sendsCloseNotify: false)
    try await Self.serving(server) { proxy in
      let connection = try await proxy.connect()
      try await connection.send("GET / HTTP/1.1\r\nHost: web\r\n\r\n")
      #expect(try await connection.response()?.text == "ok")
      try await eventually("the proxy sends close_notify") { server.ignoredReads > 0 ? () : nil }
      try await connection.send("POST / HTTP/1.1\r\nHost: web\r\n\r\n")
      #expect(try await connection.response(to: "POST")?.text == "ok")
      #expect(server.connections == 2)
    }
  }

  @Test func aRequestAfterCloseNotifyIsAnswered() async throws {
    let server = try await ForgetfulTLSServer(try TestCertificate(), sendsCloseNotify: true)
    try await Self.serving(server) { proxy in
      let connection = try await proxy.connect()
      for _ in 0..<5 {
        try await connection.send("GET / HTTP/1.1\r\nHost: web\r\n\r\n")
        #expect(try await connection.response()?.text == "ok")
      }
      #expect(server.connections == 5)
    }
  }
}
