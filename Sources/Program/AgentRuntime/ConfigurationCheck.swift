package import AgentConfiguration
import ProxmoxDiscovery
import Reconciliation
package import RouteModel
import RouteProviders

/// The result of `check`: all problems of the configuration file and the route files. Contacts nothing.
package struct ConfigurationCheck: Sendable {
  /// In the order of the files; a reload with errors is refused.
  package var problems: [Problem]
  /// Nil if the configuration file has errors.
  package var configuration: AgentConfiguration?
  /// A guest that a route names and wants started or stopped.
  package struct ControlledGuest: Sendable {
    package var vmid: VMID
    /// Nil if the route names none.
    package var cluster: ClusterName?
    /// Whether its node is to be woken for it.
    package var wakesNode: Bool
  }

  package var controlledGuests: [ControlledGuest] = []
  /// Nil if the route files could not be determined.
  package var routes: Int?
  /// The unknown parts of routes without a host, because the inventory of some cluster has not been saved yet.
  package var notice: String?
  /// Nil if the configuration file has errors.
  private(set) var declared: DeclaredRoutes?

  /// - Parameter forecastsLinks: whether routes that have no target, by the inventory that the agent has saved, are
  ///   problems too.
  package init(path: String, environment: [String: String], forecastsLinks: Bool = true) {
    do {
      let configuration = try AgentConfiguration.load(path: path, environment: environment)
      let declared = DeclaredRoutes(
        configuration.routeFiles.load(environment: environment), settings: RouteSettings(configuration))
      self.configuration = configuration
      self.declared = declared
      problems = configuration.warnings + declared.problems + configuration.danglingReferences(in: declared)
      routes = declared.routes.count
      controlledGuests = declared.controlledGuests
      if forecastsLinks { forecastLinks(declared, configuration) }
    } catch {
      // Reports all problems at once, including those of the route files, which a reload would not read in this case.
      let declared = error.routeFiles.map { DeclaredRoutes($0.load(environment: environment)) }
      problems = error.problems + (declared?.problems ?? [])
      routes = declared?.routes.count
    }
  }

  /// The files that routes name and the agent reads.
  package var filesOfRoutes: [String] {
    (declared?.routes ?? []).flatMap { route in
      // Of a folder that is served, one file is enough.
      let page = route.declaration.root.map { FilePath.join($0, route.declaration.index ?? "index.html") }
      return [route.declaration.tlsCAFile, page].compactMap(\.self)
    }
  }

  package var errors: [Problem] { problems.filter { $0.severity == .error } }

  private mutating func forecastLinks(_ declared: DeclaredRoutes, _ configuration: AgentConfiguration) {
    let folder = configuration.stateDirectory
    let known = KnownInventory(
      of: configuration.clusters, configuration: configuration.discovery, folder: folder)
    problems = Problem.byPlace(
      problems + LinkForecast(declared, inventory: known.snapshot, folder: folder).problems)
    let aliases = declared.aliasesWithoutHost
    guard !known.unknown.isEmpty, !aliases.isEmpty, configuration.defaultHost == .none else { return }
    let clusters = known.unknown.joined(separator: ", ")
    notice =
      "routes without a host have no target unless a node or guest has their name, which is not known here before "
      + "\(clusters) was read by the agent (\(folder)): \(aliases.joined(separator: ", "))"
  }
}

extension DeclaredRoutes {
  fileprivate var controlledGuests: [ConfigurationCheck.ControlledGuest] {
    routes.compactMap { route in
      guard let wake = route.declaration.wake, wake.start != .never || wake.idleTimeout != nil,
        let reference = route.declaration.proxmox, case .guest(let vmid, _) = reference.resource
      else { return nil }
      return .init(vmid: vmid, cluster: reference.cluster, wakesNode: wake.wakesNode)
    }
  }
}
