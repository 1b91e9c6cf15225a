package import RouteModel
package import RouteProviders
package import RouteValidation

/// Every declaration of every provider, in order, with the answer to which of them may have an alias and a port.
///
/// Of several sound declarations of one alias one has it: a route file before what a guest says of itself, then the earlier
/// provider, then the earlier line. The same order decides about a port to listen on, behind the proxy itself. The others
/// are excluded with the reason, and come back by themselves when it goes.
package struct DeclaredRoutes: Sendable {
  package struct Declared: Sendable {
    package var id: RouteID
    package var declaration: RouteDeclaration
    /// Nil where this declaration may have its alias and its port.
    package var conflict: RouteConflict?
  }

  package private(set) var routes: [Declared] = []
  package let provided: ProvidedRoutes
  package let settings: RouteSettings
  /// Of the files, of each route, and a warning for each alias or port that two of them want.
  package private(set) var problems: [Problem]

  package init(_ provided: ProvidedRoutes = ProvidedRoutes(), settings: RouteSettings = RouteSettings()) {
    (self.provided, self.settings) = (provided, settings)
    problems = provided.allProblems
    var declared: [RouteID: Int] = [:]
    let byPrecedence = provided.providers.filter(\.name.isFile) + provided.providers.filter { !$0.name.isFile }
    for declaration in byPrecedence.flatMap(\.routes) {
      var id = RouteID(provider: declaration.provider, alias: declaration.alias)
      id.ordinal = declared[id, default: 0]
      declared[RouteID(provider: id.provider, alias: id.alias), default: 0] += 1
      routes.append(Declared(id: id, declaration: declaration))
    }
    let broken = findBroken()
    assignAliases(except: broken)
    if let listening = settings.listening { assignPorts(listening, except: broken) }
    problems = Problem.byPlace(problems)
  }

  /// What a reload refuses and `check` counts.
  package var errors: [Problem] { problems.filter { $0.severity == .error } }
  package var warnings: [Problem] { problems.filter { $0.severity == .warning } }

  /// The sound routes whose host is that of the node or guest of their name.
  package var aliasesWithoutHost: [String] {
    routes.filter { route in
      let finalized = FinalizedRoute(route.declaration)
      return route.conflict == nil && finalized.problem == nil && finalized.scheme != .fileserver
        && route.declaration.host == nil && route.declaration.proxmox == nil
    }.map(\.declaration.alias.text)
  }

  /// Whether that provider told all of its routes; false for a file that could not be read.
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
  /// As `tls: passthrough` states it: a port that `proxy.https` has cannot mean anything else.
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
