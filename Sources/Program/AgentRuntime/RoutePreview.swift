import AgentConfiguration
package import Diagnosis
package import HTTPTransport
import HealthMonitoring
import NameResolution
import ProxmoxDiscovery
package import ProxmoxInventory
import Reconciliation
package import RouteModel
import ServerSockets

/// The declared routes as an agent with these files would link and serve them, found out without one.
package struct RoutePreview: Sendable {
  private static let nameTimeout = Duration.seconds(5)
  private static let probesAtOnce = 16

  private let configuration: AgentConfiguration
  private let declared: DeclaredRoutes
  private let known: KnownInventory

  /// Nil if the configuration file has errors.
  package init?(_ check: ConfigurationCheck) {
    guard let configuration = check.configuration, let declared = check.declared else { return nil }
    (self.configuration, self.declared) = (configuration, declared)
    known = KnownInventory(
      of: configuration.clusters, configuration: configuration.discovery, folder: configuration.stateDirectory)
  }

  /// The guests of a listed cluster whose addresses the routes need.
  package func wantedGuests(of cluster: ClusterSnapshot) -> Set<VMID> {
    Set(forecast([cluster]).wantedGuests.filter { $0.cluster == cluster.name }.map(\.vmid))
  }

  /// - Parameters:
  ///   - clusters: what was read; of the others, what the agent has saved counts.
  ///   - held: the addresses on which the running agent listens.
  package func routes(_ clusters: [ClusterSnapshot], held: Set<ListenAddress>, client: HTTPClient) async
    -> [RouteObservation]
  {
    var forecast = forecast(clusters)
    var missing: Set<String> = []
    for name in forecast.guestNames where await fault(ofName: name) != nil { missing.insert(name) }
    forecast.replace(missingNames: missing)
    let offline = Set(clusters.flatMap(\.nodes).filter { $0.status == .offline }.map(\.id))
    let probe = SingleProbe(client: client)
    return await withTaskGroup(of: (Int, RouteObservation).self) { group in
      let routes = forecast.routes
      var observations: [Int: RouteObservation] = [:]
      for (index, route) in routes.enumerated() {
        if index >= Self.probesAtOnce, let (done, observation) = await group.next() { observations[done] = observation }
        group.addTask { (index, await observe(route, offline: offline, held: held, probe)) }
      }
      for await (index, observation) in group { observations[index] = observation }
      return routes.indices.compactMap { observations[$0] }
    }
  }

  /// The addresses of `proxy` that cannot be opened, each with the reason.
  package func faultsOfProxy(held: Set<ListenAddress>) -> [(key: String, address: ListenAddress, reason: String)] {
    let settings = declared.settings.listening
    return [("proxy.http", settings?.http), ("proxy.https", settings?.https)].compactMap { key, address in
      guard let address, let reason = Self.fault(of: address, held: held) else { return nil }
      return (key, address, reason)
    }
  }

  private func forecast(_ clusters: [ClusterSnapshot]) -> LinkForecast {
    let all = configuration.clusters.map { cluster in
      clusters.first { $0.name == cluster.name } ?? known.snapshot.cluster(cluster.name)
        ?? ClusterSnapshot(name: cluster.name)
    }
    return LinkForecast(
      declared, defaults: configuration.health, inventory: InventorySnapshot(clusters: all),
      folder: configuration.stateDirectory)
  }

  private func observe(
    _ route: Route, offline: Set<NodeID>, held: Set<ListenAddress>, _ probe: SingleProbe
  ) async -> RouteObservation {
    var observation = RouteObservation(route)
    guard route.pool != .excluded else { return observation }
    if route.pool == .stream, route.restriction == nil {
      observation.listen = declared.settings.listening?.address(of: route.declaration, isDatagram: route.scheme == .udp)
      observation.listenFault = observation.listen.flatMap { Self.fault(of: $0, held: held) }
    }
    observation.isNodeOffline = route.link.resource.map { offline.contains($0.node) } ?? false
    observation.startsOnRequest = startsOnRequest(route)
    if let host = route.target?.host { observation.nameFault = await fault(ofName: host) }
    let isDown = observation.isNodeOffline || route.link.resource?.identity.guestStatus == .stopped
    if observation.nameFault == nil, !isDown { observation.probeFault = await probe.failure(of: MonitoredRoute(route)) }
    return observation
  }

  private func startsOnRequest(_ route: Route) -> Bool {
    guard let wake = route.declaration.wake, wake.start == .onRequest || wake.idleTimeout != nil else { return false }
    return configuration.clusters.contains { $0.name == route.link.resource?.cluster && $0.mayControlGuests }
  }

  /// Nil for a name that has an address, and for an address.
  private func fault(ofName name: String) async -> String? {
    switch await NameResolver.system.addresses(of: name, timeout: Self.nameTimeout) {
    case .success: nil
    case .failure(let failure): "\(failure)"
    }
  }

  private static func fault(of address: ListenAddress, held: Set<ListenAddress>) -> String? {
    guard address.port != 0, !held.contains(where: { $0.overlaps(address) }) else { return nil }
    return ListenTrial.fault(host: "\(address.host)", port: address.port, isDatagram: address.isDatagram)
  }
}
