import HTTPTransport
import LinuxSystem
package import Logging
package import NIOCore
import NIOSSL
import PeerTrust
import RouteModel

/// TLS towards upstreams: the handshake, and the CAs that it needs.
///
/// Safe from any event loop: the CAs are read from disk by ``AuthorityCache``. A watcher calls ``refresh(caFiles:)``.
package final class UpstreamTLS: Sendable {
  private let authorities: AuthorityCache
  private let judging: NIOSSLContext
  private let unverified: NIOSSLContext

  package convenience init(logger: Logger) throws { try self.init(AuthorityCache(logger: logger)) }

  init(_ authorities: AuthorityCache) throws {
    self.authorities = authorities
    judging = try NIOSSLContext(configuration: Self.configuration(.noHostnameVerification))
    unverified = try NIOSSLContext(configuration: Self.configuration(.none))
  }

  /// Reads these CA files again if they have changed, and forgets all others. Returns at once.
  ///
  /// If a file becomes invalid, its previous content remains in force, and the error is logged once.
  package func refresh(caFiles: Set<String>) { authorities.refresh(caFiles) }

  /// Adds TLS to a channel; best called in its initialiser, on its event loop, so that no byte arrives before.
  ///
  /// The future completes with the handshake. On success, the pipeline carries the decrypted bytes. On failure, it
  /// fails with an ``HTTPTransportError`` that says why the peer is not trusted, and the channel closes.
  package func secure(_ channel: any Channel, as peer: UpstreamPeer) -> EventLoopFuture<Void> {
    let handshake = UpstreamHandshake(promise: channel.eventLoop.makePromise())
    // Every channel is closed in the end, if it is not yet.
    channel.closeFuture.assumeIsolated().whenComplete { _ in
      handshake.end(with: handshake.refusal ?? .closedInHandshake)
    }
    do {
      let judgement = judgement(of: peer, for: channel)
      let handlers: [any ChannelHandler] = [try handler(for: peer, judgement, reportingTo: handshake), handshake]
      try channel.pipeline.syncOperations.addHandlers(handlers)
    } catch {
      handshake.end(with: error as? HTTPTransportError ?? .tlsFailed(reason: "\(error)"))
      channel.close(promise: nil)
    }
    return handshake.result
  }

  private func handler(
    for peer: UpstreamPeer, _ judgement: EventLoopFuture<PeerJudgement>?, reportingTo handshake: UpstreamHandshake
  ) throws(HTTPTransportError) -> NIOSSLClientHandler {
    // An IP address must not be sent as a server name (RFC 6066 §3).
    let name = peer.name.flatMap { IPAddress($0) == nil ? $0 : nil }
    do {
      guard let judgement else { return try NIOSSLClientHandler(context: unverified, serverHostname: name) }
      // Called in every handshake: NIOSSL's clients do not resume sessions.
      return try NIOSSLClientHandler(context: judging, serverHostname: name) { chain, answer in
        // For a connection that is closed before the CAs have been read.
        handshake.refusal = AuthoritySource(peer.policy)?.unreadable
        judgement.assumeIsolated().whenComplete { result in
          switch result {
          case .success(let judgement): handshake.refusal = judgement.refusal(of: chain)
          case .failure(let error): handshake.refusal = error as? HTTPTransportError ?? .tlsFailed(reason: "\(error)")
          }
          answer.succeed(handshake.refusal == nil ? .certificateVerified : .failed)
        }
      }
    } catch { throw .tlsFailed(reason: "'\(peer.name ?? "")' is no name that a server can be asked for") }
  }

  /// Nil if any certificate is accepted.
  private func judgement(of peer: UpstreamPeer, for channel: any Channel) -> EventLoopFuture<PeerJudgement>? {
    switch peer.policy {
    case .insecure: return nil
    case .fingerprints(let pins): return channel.eventLoop.makeSucceededFuture(.pins(pins))
    case .systemRoots, .caFile:
      return AuthoritySource(peer.policy).map { source in
        authorities.authorities(from: source, for: channel).map { .authorities($0, name: peer.name) }
      }
    }
  }

  private static func configuration(_ verification: NIOSSL.CertificateVerification) -> TLSConfiguration {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.minimumTLSVersion = .tlsv12
    configuration.certificateVerification = verification
    // None of NIOSSL's own: each handshake is verified by ``PeerJudgement``.
    configuration.trustRoots = .certificates([])
    configuration.applicationProtocols = ["http/1.1"]
    // Many devices never answer the TLS close alert, and an upstream with a connection limit would be blocked
    // meanwhile.
    configuration.shutdownTimeout = .milliseconds(500)
    // The same as the health checks offer. The library leaves Ed25519 and P-521 out by default.
    configuration.verifySignatureAlgorithms = SignatureAlgorithms.ofProxy.map { SignatureAlgorithm(rawValue: $0.code) }
    return configuration
  }
}
