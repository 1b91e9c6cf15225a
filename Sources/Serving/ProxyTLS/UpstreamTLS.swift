import HTTPTransport
import LinuxSystem
package import Logging
package import NIOCore
import NIOSSL
import PeerTrust
import RouteModel
import Synchronization

/// TLS towards upstreams: the handshake, and the CAs that it needs.
///
/// Safe from any event loop. A CA file is checked before each handshake and read again after a change.
package final class UpstreamTLS: Sendable {
  private struct Known {
    var authorities: CertificateAuthorities
    /// The fingerprint of the file when it was last read, successfully or not.
    var fingerprint: String
  }

  private struct State {
    var system: CertificateAuthorities?
    var files: [String: Known] = [:]
  }

  private let state = Mutex(State())
  private let judging: NIOSSLContext
  private let unverified: NIOSSLContext
  private let logger: Logger

  package init(logger: Logger) throws {
    judging = try NIOSSLContext(configuration: Self.configuration(.noHostnameVerification))
    unverified = try NIOSSLContext(configuration: Self.configuration(.none))
    self.logger = logger
  }

  /// Adds TLS to a channel; best called in its initialiser, on its event loop, so that no byte arrives before.
  ///
  /// The future completes with the handshake. On success, the pipeline carries the decrypted bytes. On failure, it
  /// fails with an ``HTTPTransportError`` that says why the peer is not trusted, and the channel closes.
  package func secure(_ channel: any Channel, as peer: UpstreamPeer) -> EventLoopFuture<Void> {
    let handshake = UpstreamHandshake(promise: channel.eventLoop.makePromise())
    // Every channel is closed in the end, if it is not yet.
    channel.closeFuture.assumeIsolated().whenComplete { _ in handshake.end(with: .closedInHandshake) }
    do {
      let handlers: [any ChannelHandler] = [try handler(for: peer, reportingTo: handshake), handshake]
      try channel.pipeline.syncOperations.addHandlers(handlers)
    } catch {
      handshake.end(with: error as? HTTPTransportError ?? .tlsFailed(reason: "\(error)"))
      channel.close(promise: nil)
    }
    return handshake.result
  }

  private func handler(
    for peer: UpstreamPeer, reportingTo handshake: UpstreamHandshake
  ) throws(HTTPTransportError) -> NIOSSLClientHandler {
    // An IP address must not be sent as a server name (RFC 6066 §3).
    let name = peer.name.flatMap { IPAddress($0) == nil ? $0 : nil }
    let judgement = try judgement(of: peer)
    do {
      guard let judgement else { return try NIOSSLClientHandler(context: unverified, serverHostname: name) }
      // Called in every handshake: NIOSSL's clients do not resume sessions.
      return try NIOSSLClientHandler(context: judging, serverHostname: name) { chain, answer in
        handshake.refusal = judgement.refusal(of: chain)
        answer.succeed(handshake.refusal == nil ? .certificateVerified : .failed)
      }
    } catch { throw .tlsFailed(reason: "'\(peer.name ?? "")' is no name that a server can be asked for") }
  }

  private func judgement(of peer: UpstreamPeer) throws(HTTPTransportError) -> PeerJudgement? {
    switch peer.policy {
    case .insecure: return nil
    case .fingerprints(let pins): return .pins(pins)
    case .systemRoots:
      let system = state.withLock { state in
        state.system = state.system ?? CertificateAuthorities()
        return state.system
      }
      guard let system else { throw .tlsFailed(reason: "no memory for the system's CA certificates") }
      return .authorities(system, name: peer.name)
    case .caFile(let path): return .authorities(try authorities(path), name: peer.name)
    }
  }

  /// If a file becomes invalid, its previous content remains in force, and the error is logged once.
  private func authorities(_ path: String) throws(HTTPTransportError) -> CertificateAuthorities {
    let fingerprint = FileFingerprint.of(path)
    let known = state.withLock { $0.files[path] }
    if let known, known.fingerprint == fingerprint { return known.authorities }
    let read = (try? PEMFile(path: path)).flatMap { CertificateAuthorities(pem: $0.bytes) }
    guard let authorities = read ?? known?.authorities else {
      throw .tlsFailed(reason: "the CA file \(path) cannot be read as PEM certificates")
    }
    if read == nil {
      logger.error("changed CA file cannot be read: the previous CAs stay", metadata: ["ca_file": "\(path)"])
    }
    state.withLock { $0.files[path] = Known(authorities: authorities, fingerprint: fingerprint) }
    return authorities
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
