import HTTPMessages
import NIOCore
import RouteModel
import TestSupport
import Testing

@testable import ReverseProxy

/// The client address of a request.
@Suite(.timeLimit(.minutes(5))) struct ClientAddressTests {
  private static func settings(trusting networks: [String]) -> ProxySettings {
    var configuration = ProxyConfiguration()
    configuration.trustedProxies = networks.compactMap { IPNetwork($0) }
    return ProxySettings(configuration, identity: ProxyIdentity())
  }

  @Test(
    arguments: [
      ("1.2.3.4", "1.2.3.4"), ("1.2.3.4, 5.6.7.8", "5.6.7.8"), ("1.2.3.4, 10.0.0.7", "1.2.3.4"),
      ("10.0.0.8, 10.0.0.7", "10.0.0.8"), ("1.2.3.4,, ,10.0.0.7\t", "1.2.3.4"),
      // Entries before the last untrusted address are ignored.
      ("1.2.3.4, 5.6.7.8:1234", "5.6.7.8"), ("1.2.3.4, [2001:db8::1]:1234", "2001:db8::1"),
      ("1.2.3.4, [2001:db8::1]", "2001:db8::1"), ("1.2.3.4, 2001:db8::1", "2001:db8::1"),
      ("1.2.3.4, ::ffff:5.6.7.8", "5.6.7.8"),
      ("1.2.3.4, unknown", "10.0.0.1"), ("1.2.3.4, unknown, 10.0.0.7", "10.0.0.7"), ("1.2.3.4, 5.6.7.8:x", "10.0.0.1"),
      ("1.2.3.4, 5.6.7.8/8", "10.0.0.1"), ("1.2.3.4, :80", "10.0.0.1"), (",", "10.0.0.1"),
    ])
  func isTheLastUntrustedAddress(list: String, client: String) throws {
    let settings = Self.settings(trusting: ["10.0.0.0/8"])
    let peer = ClientPeer(
      try SocketAddress(ipAddress: "10.0.0.1", port: 1), isSecure: false,
      trustedProxies: settings.configuration.trustedProxies, proxy: settings.identity)
    let text = "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: \(list)\r\n\r\n"
    let head = try RequestHead(ByteBuffer(string: text), limits: MessageLimits())
    #expect(settings.client(of: head.fields, from: peer) == client)
  }

  /// Mapped addresses are those of IPv4 clients on a `[::]` listener; here that of loopback.
  @Test(arguments: [[], ["127.0.0.1"]])
  func aMappedAddressIsReportedAsIPv4(trusted: [String]) async throws {
    let upstream = try await EchoUpstream()
    let configure: (inout ProxyConfiguration) -> Void = {
      $0.http = .init(host: "::ffff:127.0.0.1", port: 0)
      $0.trustedProxies = trusted.compactMap { IPNetwork($0) }
    }
    try await RunningProxy.serving([try .http("web", to: upstream)], configure: configure) { proxy in
      let connection = try await proxy.connect()
      try await connection.send("GET / HTTP/1.1\r\nHost: web\r\n\r\n")
      #expect(try await connection.response()?.status == 200)
    }
    let request = try #require(upstream.requests.first)
    #expect(request.values("x-forwarded-for") == ["127.0.0.1"] && request.values("x-real-ip") == ["127.0.0.1"])
    #expect(request["forwarded"]?.hasPrefix("for=127.0.0.1;") == true, "\(request.fields)")
  }
}
