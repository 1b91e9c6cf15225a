import RouteModel
import TestSupport
import Testing

@testable import ReverseProxy

/// Clear text on the port of `https` and TLS on that of `http` are refused at once.
@Suite(.timeLimit(.minutes(5))) struct WrongPortTests {
  private static func serving(
    _ certificate: TestCertificate? = nil, trusting: String? = nil, _ body: (RunningProxy) async throws -> Void
  ) async throws {
    let configure: (inout ProxyConfiguration) -> Void = {
      ($0.timeouts.requestHeader, $0.timeouts.idle) = (.seconds(3600), .seconds(3600))
      $0.timeouts.lingering = .milliseconds(500)
      $0.acceptsProxyProtocol = trusting != nil
      $0.trustedProxies = [trusting].compactMap { $0.flatMap { IPNetwork($0) } }
    }
    try await RunningProxy.serving([], certificate: certificate, configure: configure, body)
  }

  @Test(arguments: ["", "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n"])
  func clearTextGetsAHintToUseHTTPS(header: String) async throws {
    try await Self.serving(TestCertificate(), trusting: header.isEmpty ? nil : "127.0.0.1") { proxy in
      for text in ["GET / HTTP/1.1\r\nHost: a\r\n\r\n", "G", "\u{15}\u{3}\u{1}"] {
        let connection = try await RawConnection.connect(to: try proxy.port())
        try await connection.send(header + text)
        let answer = try #require(try await connection.response())
        #expect(answer.status == 400 && answer.text.contains("This port speaks HTTPS"), "\(answer)")
        #expect(answer["connection"] == "close" && answer["content-type"]?.hasPrefix("text/plain") == true)
        #expect(try await connection.takeAll().isEmpty)
      }
    }
  }

  @Test func tlsOnTheHTTPPortIsRefusedAtOnce() async throws {
    try await Self.serving { proxy in
      for text in ["\u{16}\u{3}\u{1}\u{2}\0\u{1}", "\0", "\r\n\u{16}", "\n"] {
        let connection = try await proxy.connect()
        try await connection.send(text)
        #expect(try await connection.response()?.status == 400)
        #expect(try await connection.takeAll().isEmpty)
      }
    }
  }
}
