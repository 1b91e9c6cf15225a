import ProxyTLS
import RouteModel
import RouteRegistry
import TestSupport
import Testing

@testable import ReverseProxy

/// `accept_proxy_protocol`: upstreams get the client address from the PROXY header.
@Suite(.timeLimit(.minutes(5))) struct TrustedProxyHeaderTests {
  /// PROXY headers (haproxy's proxy-protocol.txt §2) with the client 203.0.113.7:4000 of 192.0.2.1:443.
  private static let headers: [[UInt8]] = [
    Array("PROXY TCP4 203.0.113.7 192.0.2.1 4000 443\r\n".utf8),
    Array("\r\n\r\n\0\r\nQUIT\n".utf8) + [0x21, 0x11, 0, 12, 203, 0, 113, 7, 192, 0, 2, 1, 0x0f, 0xa0, 0x01, 0xbb],
  ]

  private static let certificate = Result { try TestCertificate() }

  private static func serving(
    trusting trusted: [String], _ body: (RunningProxy, EchoUpstream) async throws -> Void
  ) async throws {
    let upstream = try await EchoUpstream()
    let route = try RegisteredRoute.http(
      "web", to: .network(scheme: .http, host: upstream.host, port: upstream.port))
    try await RunningProxy.serving(
      [route], certificate: certificate.get(),
      configure: { configuration in
        configuration.http = configuration.https
        configuration.acceptsProxyProtocol = true
        configuration.trustedProxies = trusted.compactMap { IPNetwork($0) }
      }
    ) { try await body($0, upstream) }
  }

  private static func connect(
    _ proxy: RunningProxy, _ scheme: String, _ header: [UInt8]
  ) async throws -> RawConnection {
    try await RawConnection.connect(
      to: try proxy.port(scheme), preface: header, offering: scheme == "https" ? ["http/1.1"] : nil)
  }

  @Test(arguments: ["http", "https"], headers)
  func theUpstreamSeesTheClientOfTheHeader(scheme: String, header: [UInt8]) async throws {
    try await Self.serving(trusting: ["127.0.0.0/8"]) { proxy, upstream in
      let connection = try await Self.connect(proxy, scheme, header)
      try await connection.send("GET / HTTP/1.1\r\nHost: web\r\n\r\n")
      #expect(try await connection.response()?.status == 200)
      let request = try #require(upstream.requests.first)
      #expect(request.values("x-forwarded-for") == ["203.0.113.7"])
      #expect(request["x-forwarded-proto"] == scheme)
    }
  }

  /// A PROXY header from any other peer is invalid HTTP or TLS.
  @Test(arguments: ["http", "https"], headers)
  func aHeaderFromAnUntrustedPeerIsRefused(scheme: String, header: [UInt8]) async throws {
    try await Self.serving(trusting: ["192.0.2.1"]) { proxy, upstream in
      let connection = try await Self.connect(proxy, scheme, header)
      // The connection may already be closed.
      try? await connection.send("GET / HTTP/1.1\r\nHost: web\r\n\r\n")
      let answer = try await connection.takeAll()
      #expect(answer.isEmpty || scheme == "http" && answer.starts(with: "HTTP/1.1 400 ".utf8), "\(answer)")
      #expect(upstream.requests.isEmpty)
    }
  }

  /// A trusted proxy without a header is not served as a client.
  @Test func aTrustedProxyMustSendAHeader() async throws {
    try await Self.serving(trusting: ["127.0.0.0/8"]) { proxy, upstream in
      let connection = try await Self.connect(proxy, "http", [])
      try? await connection.send("GET / HTTP/1.1\r\nHost: web\r\n\r\n")
      #expect(try await connection.takeAll().isEmpty)
      #expect(upstream.requests.isEmpty)
    }
  }
}
