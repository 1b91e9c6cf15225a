import NIOHPACK
import TestSupport
import Testing

@testable import ReverseProxy

/// One certificate for many names lets clients of HTTP/2 use one connection for all of them (RFC 9113 §9.1.1), and a
/// connection that ends here is none to a service whose TLS is passed through.
@Suite(.timeLimit(.minutes(5))) struct MisdirectedTests {
  private static let hosts = [("vault", 421), ("VAULT.:8443", 421), ("nowhere", 404)]

  @Test func aHostWithTLSPassthroughGets421() async throws {
    try await RunningProxy.serving([try .passthrough("vault")], certificate: TestCertificate()) { proxy in
      for (host, status) in Self.hosts {
        let client = try await HTTP2Wire.connect(to: proxy)
        try await client.get(host: host, path: "/", stream: 1)
        #expect(try await client.firstHead()?.first(name: ":status") == "\(status)")
      }
      let connection = try await proxy.connect(offering: ["http/1.1"])
      for (host, status) in Self.hosts {
        try await connection.send("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n")
        #expect(try await connection.response()?.status == status)
      }
    }
  }

  /// Nothing else than 404 would help it.
  @Test func withoutTLSItGets404() async throws {
    try await RunningProxy.serving([try .passthrough("vault")]) { proxy in
      let connection = try await proxy.connect()
      try await connection.send("GET / HTTP/1.1\r\nHost: vault\r\n\r\n")
      #expect(try await connection.response()?.status == 404)
    }
  }
}
