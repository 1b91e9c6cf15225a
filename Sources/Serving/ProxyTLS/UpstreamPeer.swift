package import HTTPTransport
import NIOSSL

/// Who an upstream has to be. Connections that were made for one peer serve no other: it belongs into the key of a pool.
package struct UpstreamPeer: Hashable, Sendable {
  package let policy: TrustPolicy
  /// Its DNS name or IP address; nil where it is asked for none, and none is compared.
  package let name: String?
}

/// How the certificates are judged that a peer shows.
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
