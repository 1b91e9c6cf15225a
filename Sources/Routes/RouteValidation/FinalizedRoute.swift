package import RouteModel

/// A declaration with its scheme, port and pool worked out; nothing is looked up for it.
package struct FinalizedRoute: Hashable, Sendable {
  package var declaration: RouteDeclaration
  /// What the route states or custom says; a node-level route that states nothing becomes its API's `https` by the link.
  package var scheme: RouteScheme
  /// Nil for a file server, and where it is missing although the scheme needs one.
  package var port: UInt16?
  package var pool: RoutePool
  package var excludedReason: String?
  /// What is wrong with the route, so that it is neither linked nor probed.
  package var problem: Problem?

  package init(_ declaration: RouteDeclaration) {
    self.declaration = declaration
    scheme = declaration.scheme ?? Self.customaryScheme(of: declaration)
    port = declaration.port?.target ?? (Self.isPassedThrough(declaration) ? 443 : scheme.defaultPort)
    problem = Self.problem(in: declaration, scheme: scheme)
    excludedReason =
      problem?.description ?? (declaration.alias.folded.hasSuffix("-old") ? "the alias ends in -old" : nil)
    pool = excludedReason != nil ? .excluded : scheme.isStream ? .stream : .http
  }

  /// Its clients speak TLS to the upstream, as a rule HTTPS.
  private static func isPassedThrough(_ declaration: RouteDeclaration) -> Bool { declaration.streamTLS == .passthrough }

  /// `tcp` for listen:target and for TLS that is passed through, `https` for ports ending in 443 and for 8006, else `http`.
  private static func customaryScheme(of declaration: RouteDeclaration) -> RouteScheme {
    if isPassedThrough(declaration) { return .tcp }
    guard let port = declaration.port else { return .http }
    if port.listen != nil { return .tcp }
    return port.target % 1000 == 443 || port.target == 8006 ? .https : .http
  }

  private static func problem(in declaration: RouteDeclaration, scheme: RouteScheme) -> Problem? {
    if let first = declaration.problems.first(where: { $0.severity == .error }) { return first }
    let text: String? =
      if scheme.isStream, declaration.port == nil, !isPassedThrough(declaration) {
        "a \(scheme.rawValue) route needs a port, as in port: \"2222:22\" (listen:target)"
      } else if !scheme.isStream, declaration.port?.listen != nil {
        "port listen:target makes a stream, but scheme is \(scheme.rawValue): "
          + "take scheme tcp or udp, or give the target port alone"
      } else if scheme == .fileserver, declaration.root == nil {
        "a fileserver route needs root: the folder to serve"
      } else {
        nil
      }
    return text.map { Problem(.error, at: declaration.location, "route '\(declaration.alias)': \($0)") }
  }
}
