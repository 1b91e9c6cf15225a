package import RouteModel

/// The scheme, port and pool of a declaration, determined without a lookup.
package struct FinalizedRoute: Hashable, Sendable {
  /// The stated or usual scheme; the link changes it to the API's `https` for a node-level route that states nothing.
  package var scheme: RouteScheme
  /// Nil for a file server.
  package var port: UInt16?
  /// Whether the route states no port, so that it is the usual one of the alias.
  package var hasUsualPort: Bool
  package var pool: RoutePool
  package var excludedReason: String?
  /// The error because of which the route is neither linked nor probed.
  package var problem: Problem?

  package init(_ declaration: RouteDeclaration) {
    let usual = Self.usualPort(of: declaration)
    scheme = declaration.scheme ?? usual?.scheme ?? Self.customaryScheme(of: declaration)
    port = declaration.port?.target ?? usual?.port ?? (Self.isPassedThrough(declaration) ? 443 : scheme.defaultPort)
    hasUsualPort = usual != nil
    problem = Self.problem(in: declaration, scheme: scheme)
    excludedReason =
      problem?.description ?? (declaration.alias.folded.hasSuffix("-old") ? "the alias ends in -old" : nil)
    pool = excludedReason != nil ? .excluded : scheme.isStream ? .stream : .http
  }

  private static func usualPort(of declaration: RouteDeclaration) -> UsualPort? {
    guard declaration.port == nil, !isPassedThrough(declaration) else { return nil }
    return UsualPort(of: declaration.alias, scheme: declaration.scheme)
  }

  /// Its clients use TLS with the upstream, usually HTTPS.
  private static func isPassedThrough(_ declaration: RouteDeclaration) -> Bool { declaration.streamTLS == .passthrough }

  /// `tcp` for listen:target and for passed-through TLS, `https` for ports ending in 443 and for 8006, else `http`.
  private static func customaryScheme(of declaration: RouteDeclaration) -> RouteScheme {
    if isPassedThrough(declaration) { return .tcp }
    guard let port = declaration.port else { return .http }
    if port.listen != nil { return .tcp }
    return port.target % 1000 == 443 || port.target == 8006 ? .https : .http
  }

  private static func problem(in declaration: RouteDeclaration, scheme: RouteScheme) -> Problem? {
    if let first = declaration.problems.first(where: { $0.severity == .error }) { return first }
    guard scheme == .fileserver, declaration.root == nil else { return nil }
    return Problem(
      .error, at: declaration.location,
      "route '\(declaration.alias)': a fileserver route needs root: the folder to serve")
  }
}
