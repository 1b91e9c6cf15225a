package import AgentConfiguration
import Reconciliation
package import RouteModel
import RouteProviders

/// What `check` tells: every problem of the agent's file and of the route files. Contacts nothing.
package struct ConfigurationCheck: Sendable {
  /// In the order of the files; with errors in it a reload is refused.
  package var problems: [Problem]
  /// Nil where the agent's file has errors.
  package var configuration: AgentConfiguration?
  /// Nil where the route files could not be found.
  package var routes: Int?

  package init(path: String, environment: [String: String]) {
    do {
      let configuration = try AgentConfiguration.load(path: path, environment: environment)
      let declared = DeclaredRoutes(configuration.routeFiles.load(environment: environment))
      self.configuration = configuration
      problems = configuration.warnings + declared.problems
      routes = declared.routes.count
    } catch {
      // Every problem at once: also those of the route files, which a reload would not read any more.
      let declared = error.routeFiles.map { DeclaredRoutes($0.load(environment: environment)) }
      problems = error.problems + (declared?.problems ?? [])
      routes = declared?.routes.count
    }
  }

  package var errors: [Problem] { problems.filter { $0.severity == .error } }
}
