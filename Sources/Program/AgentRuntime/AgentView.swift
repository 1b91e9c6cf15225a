import AgentConfiguration
import ControlServer
import FoundationEssentials
import GuestControl
import Notifications
import ProxmoxDiscovery
import ProxmoxInventory
import ProxyTraffic
import Reconciliation
import ReverseProxy
import RouteModel
import RouteProviders
import RouteRegistry
import ServerSockets
import StreamProxy

/// The agent as exposed by its socket.
struct AgentView: ControlledAgent {
  let startedAt = Date()
  let registry: RouteRegistry
  let discovery: DiscoveryService
  let events: EventRing
  let reconciler: Reconciler
  let reloading: Reloading
  let notifier: Notifier
  let requests: GuestControlService
  let host: ServingHost
  let descriptors: DescriptorBudget

  init(
    registry: RouteRegistry, discovery: DiscoveryService, events: EventRing, reconciler: Reconciler,
    reloading: Reloading, notifier: Notifier, requests: GuestControlService, host: ServingHost,
    descriptors: DescriptorBudget
  ) {
    self.registry = registry
    self.discovery = discovery
    self.events = events
    self.reconciler = reconciler
    self.reloading = reloading
    self.notifier = notifier
    self.requests = requests
    self.host = host
    self.descriptors = descriptors
  }

  /// Nil if no routes are served.
  private var serving: Serving? { host.current }
  var inventory: InventorySnapshot { discovery.snapshot }
  var traffic: TrafficBook? { serving?.traffic }
  var accessLog: AccessLog? { serving?.accessLog }

  var readiness: Readiness {
    let files = reloading.status
    return Readiness(
      providers: files.providers, problems: files.problems + notifier.problems, refused: files.refused,
      restartNeeded: files.restartNeeded,
      pendingClusters: Self.pendingClusters(of: inventory, linked: reconciler.linkedClusters))
  }

  /// The clusters that were not read, and those that the routes are not linked with yet.
  static func pendingClusters(
    of inventory: InventorySnapshot, linked: Set<ClusterName>
  ) -> [(name: ClusterName, error: String?)] {
    inventory.clusters.filter { !$0.wasRead || !linked.contains($0.name) }.map { ($0.name, $0.error) }
  }

  var proxyAddresses: [String: String] { serving?.http.listening ?? [:] }

  var proxyDomains: [String] {
    serving == nil ? [] : reloading.status.configuration.proxy?.matchDomains ?? []
  }

  func steps(of id: RouteID) async -> [LinkStep] { await reconciler.steps(of: id) }

  func location(of id: RouteID) async -> SourceLocation? { await reconciler.location(of: id) }

  func listener(of id: RouteID) -> ListenerState? { serving?.streams.listeners.state(of: id) }

  var listeners: [NamedListener] {
    guard let serving else { return [] }
    let listening = serving.http.listening.mapValues(ListenerState.listening)
    let own = listening.merging(serving.http.failures.mapValues(ListenerState.failed)) { $1 }
    let streams = serving.streams.listeners.all.map { id, state in
      NamedListener(name: "route \(id.alias)", state: state)
    }
    return (own.map { NamedListener(name: "proxy.\($0)", state: $1) } + streams).sorted { $0.name < $1.name }
  }

  var controlReports: [GuestID: ControlReport] { requests.controller.reports }

  func start(_ guest: GuestID, _ reason: ControlReason) async throws(ControlFailure) -> ControlReport {
    try permit(guest)
    return try await requests.start(guest, reason)
  }

  func stop(_ guest: GuestID, _ reason: ControlReason) async throws(ControlFailure) -> ControlReport {
    try permit(guest)
    return try await requests.stop(guest, reason)
  }

  /// What the configuration forbids is said first.
  private func permit(_ guest: GuestID) throws(ControlFailure) {
    let cluster = reloading.status.configuration.clusters.first { $0.name == guest.cluster }
    guard cluster?.mayControlGuests == true else { throw .notAllowed(guest.cluster) }
  }

  func testNotice(to name: String) async -> TestDelivery { await notifier.test(name) }

  func reload() async -> ReloadOutcome { await reloading.reload() }
}
