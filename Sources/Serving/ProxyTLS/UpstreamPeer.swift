import HTTPTransport
import NIOSSL
package import PeerTrust
import RouteModel

/// The identity that an upstream must prove. A connection made for one peer serves no other: it belongs into the key of
/// a pool.
package struct UpstreamPeer: Hashable, Sendable {
  package let policy: TrustPolicy
  /// Its DNS name or IP address; nil if no name is sent (SNI) and none is compared.
  package let name: String?

  /// A route's upstream: its host, or the name that the route states instead (`ssl_server_name`).
  package init(_ policy: TrustPolicy, host: String, serverName: TLSServerName?) {
    self.policy = policy
    name =
      switch serverName {
      case .named(let name): HostName.fold(name)
      case .off: nil
      case nil: HostName.fold(host)
      }
  }
}

/// Verifies the certificates of a peer.
enum PeerJudgement {
  case authorities(CertificateAuthorities, name: String?)
  case pins([CertificateFingerprint])

  /// Why a chain, the server's own certificate first, is not the peer's; nil if it is.
  func refusal(of chain: [NIOSSLCertificate]) -> HTTPTransportError? {
    let chain = chain.compactMap { (try? $0.toDERBytes()).flatMap(DERCertificate.init) }
    switch self {
    case .authorities(let authorities, let name):
      return authorities.fault(in: chain, name: name).map(HTTPTransportError.certificateNotTrusted)
    case .pins(let pins):
      let presented = chain.first.flatMap { CertificateFingerprint(certificate: $0.pointer) }
      if let presented, pins.contains(presented) { return nil }
      return .fingerprintMismatch(presented: presented)
    }
  }
}
