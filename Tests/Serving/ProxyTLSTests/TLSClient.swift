import HTTPTransport
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import PeerTrust

@testable import ProxyTLS

/// Connects to loopback as the proxy does to its upstreams.
enum TLSClient {
  /// The fingerprint of the server for that name; nil sends no name.
  static func fingerprint(at port: Int, for name: String?) async throws -> String {
    let tls = try UpstreamTLS(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let peer = UpstreamPeer(.insecure, host: name ?? "127.0.0.1", serverName: nil)
    let channel = try await connect(port, tls, peer)
    let der = try await channel.pipeline.handler(type: NIOSSLClientHandler.self)
      .flatMapThrowing { try $0.peerCertificate?.toDERBytes() }.get()
    try await channel.close()
    return der.flatMap(DERCertificate.init).flatMap { CertificateFingerprint(certificate: $0.pointer) }?.description
      ?? "none"
  }

  /// A connection with a completed handshake.
  static func connect(_ port: Int, _ tls: UpstreamTLS, _ peer: UpstreamPeer) async throws -> any Channel {
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let handshake = loop.makePromise(of: Void.self)
    let connecting = ClientBootstrap(group: loop)
      .connectTimeout(.seconds(120))
      .channelInitializer { channel in
        tls.secure(channel, as: peer).cascade(to: handshake)
        return channel.eventLoop.makeSucceededVoidFuture()
      }
      .connect(host: "127.0.0.1", port: port)
    try await handshake.futureResult.get()
    return try await connecting.get()
  }
}
