import RouteModel

/// Certificates by the names that they are for; of several for one name, the first counts.
struct CertificateIndex {
  private var exact: [String: ServerContexts] = [:]
  /// By what stands behind `*.`.
  private var wildcard: [String: ServerContexts] = [:]
  private let first: ServerContexts?

  init(_ certificates: [ServerCertificate]) {
    first = certificates.first?.contexts
    for certificate in certificates {
      for name in certificate.names { add(certificate.contexts, as: name) }
    }
  }

  private mutating func add(_ contexts: ServerContexts, as name: String) {
    if name.hasPrefix("*.") {
      let parent = String(name.dropFirst(2))
      wildcard[parent] = wildcard[parent] ?? contexts
    } else {
      exact[name] = exact[name] ?? contexts
    }
  }

  /// A wildcard stands for exactly one label (RFC 9525 §6.3); what nobody is for, the first certificate serves.
  func contexts(forServername name: String?) -> ServerContexts? {
    guard let name = name.map(HostName.fold) else { return first }
    if let contexts = exact[name] { return contexts }
    guard !wildcard.isEmpty, let dot = name.firstIndex(of: "."), dot != name.startIndex else { return first }
    return wildcard[String(name[name.index(after: dot)...])] ?? first
  }
}
