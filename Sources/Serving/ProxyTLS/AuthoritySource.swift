import HTTPTransport
import PeerTrust

/// Where the CAs of a trust policy come from.
enum AuthoritySource: Hashable, Sendable {
  case system
  case file(String)

  /// Nil if the policy needs no CAs.
  init?(_ policy: TrustPolicy) {
    switch policy {
    case .systemRoots: self = .system
    case .caFile(let path): self = .file(path)
    case .fingerprints, .insecure: return nil
    }
  }

  var unreadable: HTTPTransportError {
    switch self {
    case .system: .tlsFailed(reason: "no memory for the system's CA certificates")
    case .file(let path): .unreadableAuthorities(in: path)
    }
  }
}
