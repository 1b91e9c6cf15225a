package import RouteModel
package import RouteProviders
import RouteValidation

/// Every declaration of every provider, in order, with the answer to who may have an alias.
///
/// Of several sound declarations of one alias one has it: a route file before what a guest says of itself, then the earlier
/// provider, then the earlier line. The others are excluded with the reason, and come back by themselves when it goes.
package struct DeclaredRoutes: Sendable {
  package struct Declared: Sendable {
    package var id: RouteID
    package var declaration: RouteDeclaration
    /// Who has the alias; nil where this declaration may have it.
    package var conflict: String?
  }

  package private(set) var routes: [Declared] = []
  package let provided: ProvidedRoutes
  /// Of the files, of each route, and a warning for each alias that two files declare.
  package private(set) var problems: [Problem]

  package init(_ provided: ProvidedRoutes = ProvidedRoutes()) {
    self.provided = provided
    problems = provided.allProblems
    var declared: [RouteID: Int] = [:]
    var owners: [RouteAlias: RouteDeclaration] = [:]
    var broken: Set<RouteID> = []
    let byPrecedence = provided.providers.filter(\.name.isFile) + provided.providers.filter { !$0.name.isFile }
    for declaration in byPrecedence.flatMap(\.routes) {
      var id = RouteID(provider: declaration.provider, alias: declaration.alias)
      id.ordinal = declared[id, default: 0]
      declared[RouteID(provider: id.provider, alias: id.alias), default: 0] += 1
      let problem = FinalizedRoute(declaration).problem
      if let problem {
        broken.insert(id)
        if !declaration.problems.contains(problem) { problems.append(problem) }
      } else if owners[declaration.alias] == nil {
        owners[declaration.alias] = declaration
      }
      routes.append(Declared(id: id, declaration: declaration))
    }
    for index in routes.indices where !broken.contains(routes[index].id) {
      let declaration = routes[index].declaration
      guard let owner = owners[declaration.alias], owner.location != declaration.location else { continue }
      routes[index].conflict = "alias '\(owner.alias)' is taken by \(owner.provider) (\(owner.location))"
      problems.append(
        Problem(
          .warning, at: declaration.location,
          "alias '\(declaration.alias)' is excluded: \(owner.provider) has it (\(owner.location)); rename one of them"))
    }
    problems = Problem.byPlace(problems)
  }

  /// What a reload refuses and `check` counts.
  package var errors: [Problem] { problems.filter { $0.severity == .error } }
  package var warnings: [Problem] { problems.filter { $0.severity == .warning } }
}
