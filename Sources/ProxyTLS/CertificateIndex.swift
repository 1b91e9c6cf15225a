import NIOSSL
import RouteModel

/// Certificates by the names that they are for; of several for one name, the first counts.
struct CertificateIndex {
  private var exact: [String: NIOSSLContext] = [:]
  /// By what stands behind `*.`.
  private var wildcard: [String: NIOSSLContext] = [:]
  private let first: NIOSSLContext?

  init(_ certificates: [ServerCertificate]) {
    first = certificates.first?.context
    for certificate in certificates {
      for name in certificate.names { add(certificate.context, as: name) }
    }
  }

  private mutating func add(_ context: NIOSSLContext, as name: String) {
    if name.hasPrefix("*.") {
      let parent = String(name.dropFirst(2))
      wildcard[parent] = wildcard[parent] ?? context
    } else {
      exact[name] = exact[name] ?? context
    }
  }

  /// A wildcard stands for exactly one label (RFC 9525 §6.3); what nobody is for, the first certificate serves.
  func context(forServername name: String?) -> NIOSSLContext? {
    guard let name = name.map(HostName.fold) else { return first }
    if let context = exact[name] { return context }
    guard !wildcard.isEmpty, let dot = name.firstIndex(of: "."), dot != name.startIndex else { return first }
    return wildcard[String(name[name.index(after: dot)...])] ?? first
  }
}
