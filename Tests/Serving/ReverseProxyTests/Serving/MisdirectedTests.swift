import NIOHPACK
import TestSupport
import Testing

@testable import ReverseProxy

/// HTTP/2 clients may use one connection for all names of a certificate (RFC 9113 §9.1.1). For a host with TLS
/// passthrough they have to open another one.
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

  /// A 421 would not help a client without TLS.
  @Test func withoutTLSItGets404() async throws {
    try await RunningProxy.serving([try .passthrough("vault")]) { proxy in
      let connection = try await proxy.connect()
      try await connection.send("GET / HTTP/1.1\r\nHost: vault\r\n\r\n")
      #expect(try await connection.response()?.status == 404)
    }
  }
}
