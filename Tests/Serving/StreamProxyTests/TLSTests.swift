import NIOCore
import NIOPosix
import NIOSSL
import RouteModel
import RouteRegistry
import TestSupport
import Testing

@testable import StreamProxy

@Suite(.timeLimit(.minutes(5))) struct TLSTests {
  private func server(_ certificate: TestCertificate) throws -> NIOSSLContext {
    try NIOSSLContext(
      configuration: .makeServerConfiguration(
        certificateChain: try NIOSSLCertificate.fromPEMFile(certificate.chainFile).map { .certificate($0) },
        privateKey: .privateKey(try NIOSSLPrivateKey(file: certificate.keyFile, format: .pem))))
  }

  /// A client that trusts that certificate for that name.
  private func client(_ certificate: TestCertificate, name: String, port: Int) async throws -> TestPeer {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.trustRoots = .file(certificate.certificateFile)
    let context = try NIOSSLContext(configuration: configuration)
    return try await TestPeer.connect(port: port) { try NIOSSLClientHandler(context: context, serverHostname: name) }
  }

  /// The upstream receives clear text, and each side ends independently.
  @Test func endsTLSAtTheListener() async throws {
    let upstream = try await TestPeer.Listener()
    let certificate = try TestCertificate(names: ["DNS:ssh.example"])
    let context = try server(certificate)
    let route = try RegisteredRoute.stream("ssh", to: upstream.port) { $0.streamTLS = .terminated }
    let streams = try RunningStreams([route], certificates: { $0 == "ssh.example" ? context : nil })
    let client = try await client(certificate, name: "ssh.example", port: try await streams.port(route))
    try await client.send("hello")
    let server = try await upstream.accept()
    try await server.wait(for: "hello")
    try await client.finish()
    try await server.waitForEnd()
    try await server.send("answer")
    try await client.wait(for: "answer")
    try await server.close()
    try await eventually("it ends") { streams.connections(route) == (1, 0) ? () : nil }
    try await streams.stop()
  }

  @Test func closesWhereThereIsNoCertificate() async throws {
    let upstream = try await TestPeer.Listener()
    let certificate = try TestCertificate(names: ["DNS:ssh.example"])
    let route = try RegisteredRoute.stream("ssh", to: upstream.port) { $0.streamTLS = .terminated }
    let streams = try RunningStreams([route])
    let client = try await client(certificate, name: "ssh.example", port: try await streams.port(route))
    try await client.waitForEnd()
    #expect(upstream.count == 0)
    try await streams.stop()
  }

  @Test func findsPassthroughRoutesByServerName() throws {
    let passed = try RegisteredRoute.stream("web", listen: nil, to: 1) { $0.streamTLS = .passthrough }
    let whole = try RegisteredRoute.stream("a.example.org", listen: nil, to: 1) { $0.streamTLS = .passthrough }
    let wild = try RegisteredRoute.stream("*.example.org", listen: nil, to: 1) { $0.streamTLS = .passthrough }
    let other = try RegisteredRoute.stream("plain", to: 1)
    let streams = try RunningStreams([passed, whole, wild, other])
    let found = { streams.proxy.passthroughRoute(alias: $0, host: $1)?.id.alias.text }
    #expect(found("web", "web.home.example") == "web")
    #expect(found("", "a.example.org") == "a.example.org")
    #expect(found("", "b.example.org") == "*.example.org")
    #expect(found("", "a.b.example.org") == nil)
    #expect(found("plain", "plain.home.example") == nil)
  }

  /// As when the shared HTTPS port hands over a connection whose first bytes it has read.
  @Test func relaysAConnectionWhoseFirstBytesWereRead() async throws {
    let upstream = try await TestPeer.Listener()
    let route = try RegisteredRoute.stream("web", listen: nil, to: upstream.port) {
      $0.streamTLS = .passthrough
      $0.relayedProxyHeader = .v1
    }
    let streams = try RunningStreams([route])
    let shared = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            Peek(route: { streams.proxy.passthroughRoute(alias: "web", host: "") }) {
              try streams.proxy.relay($0, to: $1, firstBytes: $2)
            })
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    let client = try await TestPeer.connect(port: shared.localAddress?.port ?? 0)
    try await client.send("first")
    let server = try await upstream.accept()
    try await eventually("the first bytes come behind the header") {
      server.text.hasPrefix("PROXY TCP4 127.0.0.1 ") && server.text.hasSuffix("\r\nfirst") ? () : nil
    }
    try await client.send(" second")
    try await eventually("the rest follows") { server.text.hasSuffix("first second") ? () : nil }
    try await server.send("answer")
    try await client.wait(for: "answer")
    #expect(streams.connections(route) == (1, 1))
    try await streams.stop()
    try await client.waitForEnd()
    try await shared.close()
  }

  /// Replaces the listener that reads the server name.
  private final class Peek: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    private let route: () -> RegisteredRoute?
    private let relay: (any Channel, RegisteredRoute, ByteBuffer) throws -> Void

    init(
      route: @escaping () -> RegisteredRoute?,
      relay: @escaping (any Channel, RegisteredRoute, ByteBuffer) throws -> Void
    ) {
      (self.route, self.relay) = (route, relay)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      guard let route = route() else { return context.close(promise: nil) }
      let channel = context.channel
      context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
      do { try relay(channel, route, unwrapInboundIn(data)) } catch { channel.close(promise: nil) }
    }
  }
}
