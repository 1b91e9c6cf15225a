package import HTTPTransport
package import Logging
package import NIOCore
import NIOSSL
package import RouteModel
import Synchronization

/// TLS towards upstreams: whom to trust, and the handshake that finds out.
///
/// Any event loop may ask. A CA file is looked at before each handshake and read again when it changed.
package final class UpstreamTLS: Sendable {
  private struct Known {
    var authorities: CertificateAuthorities
    /// What the file looked like when it was last read, whether that went well or not.
    var fingerprint: String
  }

  private struct State {
    var clusters: [ClusterName: TrustPolicy]
    var system: CertificateAuthorities?
    var files: [String: Known] = [:]
  }

  private let state: Mutex<State>
  private let judging: NIOSSLContext
  private let unverified: NIOSSLContext
  private let logger: Logger

  /// - Parameter clusters: how each cluster's own API is trusted.
  package init(clusters: [ClusterName: TrustPolicy], logger: Logger) throws {
    state = Mutex(State(clusters: clusters))
    judging = try NIOSSLContext(configuration: Self.configuration(.noHostnameVerification))
    unverified = try NIOSSLContext(configuration: Self.configuration(.none))
    self.logger = logger
  }

  /// Trusts the clusters' APIs so from now on; a connection that is open stays as it was trusted.
  package func trust(_ clusters: [ClusterName: TrustPolicy]) { state.withLock { $0.clusters = clusters } }

  /// Who a route's upstream has to be: its host, or the name that the route states in its place (`ssl_server_name`).
  ///
  /// A cluster without a `tls` of its own is verified like anybody.
  package func peer(_ trust: UpstreamTrust, host: String, serverName: TLSServerName?) -> UpstreamPeer {
    let policy: TrustPolicy =
      switch trust {
      case .systemRoots: .systemRoots
      case .caFile(let file): .caFile(file)
      case .pinned(let pins): .fingerprints(pins.compactMap { CertificateFingerprint("\($0)") })
      case .unverified: .insecure
      case .cluster(let name, let pin):
        state.withLock { $0.clusters[name] }?.trusting(pin.flatMap { CertificateFingerprint("\($0)") }) ?? .systemRoots
      }
    switch serverName {
    case .named(let name): return UpstreamPeer(policy: policy, name: HostName.fold(name))
    case .off: return UpstreamPeer(policy: policy, name: nil)
    case nil: return UpstreamPeer(policy: policy, name: HostName.fold(host))
    }
  }

  /// Puts TLS to a peer on a channel; best in its initialiser, on its event loop, so that no byte comes before.
  ///
  /// The future ends with the handshake: well, and the pipeline carries what is inside TLS; or with an
  /// ``HTTPTransportError`` that says why the peer is not the one, and the channel closes.
  package func secure(_ channel: any Channel, as peer: UpstreamPeer) -> EventLoopFuture<Void> {
    let handshake = UpstreamHandshake(promise: channel.eventLoop.makePromise())
    // Whatever happens to a channel, it is closed in the end, if it is not yet.
    channel.closeFuture.assumeIsolated().whenComplete { _ in handshake.end(with: .closedInHandshake) }
    do {
      let handlers: [any ChannelHandler] = [try handler(for: peer, telling: handshake), handshake]
      try channel.pipeline.syncOperations.addHandlers(handlers)
    } catch {
      handshake.end(with: error as? HTTPTransportError ?? .tlsFailed(reason: "\(error)"))
      channel.close(promise: nil)
    }
    return handshake.result
  }

  private func handler(
    for peer: UpstreamPeer, telling handshake: UpstreamHandshake
  ) throws(HTTPTransportError) -> NIOSSLClientHandler {
    // An IP address is no server name (RFC 6066 §3).
    let name = peer.name.flatMap { IPAddress($0) == nil ? $0 : nil }
    let judgement = try judgement(of: peer)
    do {
      guard let judgement else { return try NIOSSLClientHandler(context: unverified, serverHostname: name) }
      // It is asked in every handshake: NIOSSL's clients resume no session.
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

  /// A file that went bad leaves what it held before in force, and is logged once.
  private func authorities(_ path: String) throws(HTTPTransportError) -> CertificateAuthorities {
    let fingerprint = PEMFile.fingerprint(path)
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
    // None of NIOSSL's own: each handshake judges for itself.
    configuration.trustRoots = .certificates([])
    configuration.applicationProtocols = ["http/1.1"]
    // Many devices never answer the end of TLS, and an upstream with a limit has no place for others meanwhile.
    configuration.shutdownTimeout = .milliseconds(500)
    // The health checks offer the same. The library leaves Ed25519 and P-521 out by default.
    configuration.verifySignatureAlgorithms = SignatureAlgorithms.ofProxy.map { SignatureAlgorithm(rawValue: $0.code) }
    return configuration
  }
}
