import PeerTrust
import RouteModel
import RouteRegistry
import TestSupport
import Testing

@testable import ReverseProxy

/// Closing TLS takes time: a connection that is being closed must not be reused.
@Suite(.timeLimit(.minutes(5))) struct ClosingUpstreamTests {
  private static func serving(
    _ server: ForgetfulTLSServer, _ body: (RunningProxy) async throws -> Void
  ) async throws {
    let target = Upstream.network(scheme: .https, host: "127.0.0.1", port: server.port)
    try await RunningProxy.serving([try .http("web", to: target, trust: .insecure)], body)
  }

  /// The proxy has closed the connection, and the upstream does not respond to that. A POST is not retried, so reusing the
  /// connection would lead to a 502.
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
