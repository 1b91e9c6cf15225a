package import RouteModel
package import RouteProviders
package import RouteValidation

/// All declarations of all providers, in order, each with its conflict if another one has its alias or port.
///
/// If several valid declarations have the same alias, one gets it: a route file before a guest's own declaration, then
/// the earlier provider, then the earlier line. The same order applies to listen ports, after the proxy's own. The
/// others are excluded with a reason, and become active when it no longer applies.
package struct DeclaredRoutes: Sendable {
  package struct Declared: Sendable {
    package var id: RouteID
    package var declaration: RouteDeclaration
    /// Nil if this declaration gets its alias and its port.
    package var conflict: RouteConflict?
  }

  package private(set) var routes: [Declared] = []
  package let provided: ProvidedRoutes
  package let settings: RouteSettings
  /// Problems of the files and of each route, and a warning for each alias or port that is claimed twice.
  package private(set) var problems: [Problem]

  package init(_ provided: ProvidedRoutes = ProvidedRoutes(), settings: RouteSettings = RouteSettings()) {
    (self.provided, self.settings) = (provided, settings)
    problems = provided.allProblems
    var declared: [RouteID: Int] = [:]
    let byPrecedence = provided.providers.filter(\.name.isFile) + provided.providers.filter { !$0.name.isFile }
    for declaration in byPrecedence.flatMap(\.routes) {
      let first = RouteID(provider: declaration.provider, alias: declaration.alias)
      let count = declared[first, default: 0]
      declared[first] = count + 1
      let id = count == 0 ? first : RouteID(provider: first.provider, alias: first.alias, ordinal: count)
      routes.append(Declared(id: id, declaration: declaration))
    }
    let broken = findBroken()
    assignAliases(except: broken)
    if let listening = settings.listening { assignPorts(listening, except: broken) }
    problems = Problem.byPlace(problems)
  }

  /// The errors for which a reload is refused, and that `check` counts.
  package var errors: [Problem] { problems.filter { $0.severity == .error } }
  package var warnings: [Problem] { problems.filter { $0.severity == .warning } }

  /// The valid routes whose host is that of the node or guest of the same name.
  package var aliasesWithoutHost: [String] {
    routes.filter { route in
      let finalized = FinalizedRoute(route.declaration)
      return route.conflict == nil && finalized.problem == nil && finalized.scheme != .fileserver
        && route.declaration.host == nil && route.declaration.proxmox == nil
    }.map(\.declaration.alias.text)
  }

  /// Whether the provider returned all its routes; false for a file that could not be read.
  func isRead(_ name: ProviderName) -> Bool { provided.providers.first { $0.name == name }?.isLoaded ?? true }

  private mutating func findBroken() -> Set<RouteID> {
    var broken: Set<RouteID> = []
    for route in routes {
      guard let problem = FinalizedRoute(route.declaration).problem else { continue }
      broken.insert(route.id)
      if !route.declaration.problems.contains(problem) { problems.append(problem) }
    }
    return broken
  }

  private mutating func assignAliases(except broken: Set<RouteID>) {
    var owners: [RouteAlias: RouteDeclaration] = [:]
    for index in routes.indices where !broken.contains(routes[index].id) {
      let declaration = routes[index].declaration
      guard let owner = owners[declaration.alias] else {
        owners[declaration.alias] = declaration
        continue
      }
      routes[index].conflict = RouteConflict(
        .aliasTaken, "alias '\(owner.alias)' is taken by \(owner.provider) (\(owner.location))")
      problems.append(
        Problem(
          .warning, at: declaration.location,
          "alias '\(declaration.alias)' is excluded: \(owner.provider) has it (\(owner.location)); rename one of them"))
    }
  }

  private mutating func assignPorts(_ listening: ListenSettings, except broken: Set<RouteID>) {
    var claims = ListenClaims(listening)
    for index in routes.indices where routes[index].conflict == nil && !broken.contains(routes[index].id) {
      let declaration = routes[index].declaration
      switch claims.claim(declaration) {
      case .granted: break
      case .shared(let address): routes[index].declaration = declaration.passedThrough(at: address)
      case .refused(let conflict):
        routes[index].conflict = conflict
        problems.append(
          Problem(
            .warning, at: declaration.location, "route '\(declaration.alias)' is excluded: \(conflict.reason)"))
      }
    }
  }
}

extension RouteDeclaration {
  /// The equivalent of `tls: passthrough`, the only way to use the port of `proxy.https`.
  fileprivate func passedThrough(at address: ListenAddress) -> RouteDeclaration {
    var route = self
    route.streamTLS = .passthrough
    route.port?.listen = nil
    route.notes.append(
      "TLS for the server name '\(alias)' is passed through on \(address), the port of proxy.https, as with tls: passthrough"
    )
    return route
  }
}
