import RouteModel

/// Certificates by name; if several have the same name, the first one is used.
struct CertificateIndex {
  private var exact: [String: ServerContexts] = [:]
  /// By the part behind `*.`.
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

  /// A wildcard matches exactly one label (RFC 9525 §6.3). A name without a certificate is served with the first one.
  func contexts(forServername name: String?) -> ServerContexts? {
    guard let name = name.map(HostName.fold) else { return first }
    if let contexts = exact[name] { return contexts }
    guard !wildcard.isEmpty, let dot = name.firstIndex(of: "."), dot != name.startIndex else { return first }
    return wildcard[String(name[name.index(after: dot)...])] ?? first
  }
}
