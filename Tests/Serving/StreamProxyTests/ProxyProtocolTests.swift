import NIOCore
import NIOPosix
import RouteModel
import RouteRegistry
import TestSupport
import Testing

@testable import StreamProxy

/// PROXY headers on the wire: from a proxy in front of this one, and to the upstream.
@Suite(.timeLimit(.minutes(5))) struct ProxyProtocolTests {
  private func header(of peer: TestPeer) async throws -> (header: ProxyHeader, rest: String) {
    try await eventually("a header arrives") {
      var buffer = ByteBuffer(bytes: peer.bytes)
      return try ProxyHeader(readingFrom: &buffer).map { ($0, String(buffer: buffer)) }
    }
  }

  @Test(arguments: ProxyProtocolVersion.allCases)
  func sendsTheClientsAddressToTheUpstream(_ version: ProxyProtocolVersion) async throws {
    let upstream = try await TestPeer.Listener()
    let route = try RegisteredRoute.stream("ssh", to: upstream.port) { $0.relayedProxyHeader = version }
    let streams = try RunningStreams([route])
    let client = try await TestPeer.connect(port: try await streams.port(route))
    try await client.send("hello")
    let server = try await upstream.accept()
    let (header, _) = try await header(of: server)
    #expect(header.endpoints?.source == client.channel.localAddress)
    #expect(header.endpoints?.destination == client.channel.remoteAddress)
    try await eventually("what the client said follows") { server.text.hasSuffix("hello") ? () : nil }
    try await streams.stop()
  }

  @Test func passesOnWhatATrustedProxyTold() async throws {
    let upstream = try await TestPeer.Listener()
    let route = try RegisteredRoute.stream("ssh", to: upstream.port) { $0.relayedProxyHeader = .v1 }
    let streams = try RunningStreams([route], trusted: ["127.0.0.0/8"])
    let client = try await TestPeer.connect(port: try await streams.port(route))
    // In pieces, as a network may deliver it.
    for piece in ["PROX", "Y TCP4 192.0.2.1 198.51.100.2 51000 443\r", "\nhel", "lo"] { try await client.send(piece) }
    let server = try await upstream.accept()
    try await server.wait(for: "PROXY TCP4 192.0.2.1 198.51.100.2 51000 443\r\nhello")
    try await streams.stop()
  }

  @Test func whatStrangersSayIsNoHeader() async throws {
    let upstream = try await TestPeer.Listener()
    let route = try RegisteredRoute.stream("ssh", to: upstream.port)
    let streams = try RunningStreams([route], trusted: ["192.0.2.0/24"])
    let client = try await TestPeer.connect(port: try await streams.port(route))
    try await client.send("PROXY UNKNOWN\r\nhello")
    try await upstream.accept().wait(for: "PROXY UNKNOWN\r\nhello")
    try await streams.stop()
  }

  @Test(arguments: ["GET / HTTP/1.1\r\n", "PROXY TCP4 nonsense\r\n"])
  func closesWhereATrustedProxySendsNoHeader(_ text: String) async throws {
    let upstream = try await TestPeer.Listener()
    let route = try RegisteredRoute.stream("ssh", to: upstream.port)
    let streams = try RunningStreams([route], trusted: ["127.0.0.0/8"])
    let client = try await TestPeer.connect(port: try await streams.port(route))
    try await client.send(text)
    try await client.waitForEnd()
    #expect(upstream.count == 0)
    try await streams.stop()
  }

  @Test func closesWhereNoHeaderComesInTime() async throws {
    let route = try RegisteredRoute.stream("ssh", to: 1)
    let streams = try RunningStreams(
      [route], trusted: ["127.0.0.0/8"], configure: { $0.openingTimeout = .milliseconds(50) })
    let client = try await TestPeer.connect(port: try await streams.port(route))
    try await client.waitForEnd()
    try await streams.stop()
  }

  @Test(
    arguments: [
      (true, ["10.0.0.0/8"], "10.1.2.3", true), (true, ["10.0.0.0/8"], "192.0.2.1", false),
      (true, ["10.0.0.0/8"], "::ffff:10.1.2.3", true), (false, ["10.0.0.0/8"], "10.1.2.3", false),
      (true, ["fd00::/8"], "fd00::1", true),
    ])
  func expectsHeadersOfTrustedPeersOnly(
    _ isAccepted: Bool, _ trusted: [String], _ peer: String, _ expected: Bool
  ) throws {
    let policy = ProxyProtocolPolicy(
      isAccepted: isAccepted, trustedProxies: trusted.compactMap { IPNetwork($0) })
    #expect(policy.expectsHeader(from: try SocketAddress(ipAddress: peer, port: 1)) == expected)
  }
}
