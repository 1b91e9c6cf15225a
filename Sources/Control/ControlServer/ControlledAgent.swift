package import FoundationEssentials
package import GuestControl
package import Notifications
package import ProxmoxInventory
package import ProxyTraffic
package import Reconciliation
package import RouteModel
package import RouteRegistry
import RouteValidation
package import ServerSockets

/// The state of the agent that the socket shows, and the actions that it offers.
package protocol ControlledAgent: Sendable {
  var startedAt: Date { get }
  var registry: RouteRegistry { get }
  var inventory: InventorySnapshot { get }
  var events: EventRing { get }
  var readiness: Readiness { get }
  /// `ADDRESS:PORT` by `http` and `https`, where routes are served.
  var proxyAddresses: [String: String] { get }
  /// `proxy.match_domains`.
  var proxyDomains: [String] { get }
  /// How a route's link and target were decided; empty for a route that is gone.
  func steps(of id: RouteID) async -> [LinkStep]
  /// Where a route is declared now, even if it has moved within its file since it was registered; nil for a route that
  /// is gone.
  func location(of id: RouteID) async -> SourceLocation?
  /// Where a stream route listens; nil for one that does not.
  func listener(of id: RouteID) -> ListenerState?
  /// Every address, by name, at which routes are served or should be.
  var listeners: [NamedListener] { get }
  /// The budget of this process's own descriptors.
  var descriptors: DescriptorBudget { get }
  /// Nil while no route is served.
  var traffic: TrafficBook? { get }
  /// Nil while no route is served.
  var accessLog: AccessLog? { get }
  /// The guests that the agent starts and stops.
  var controlReports: [GuestID: ControlReport] { get }
  /// Throws the reason if the guest is not started.
  func start(_ guest: GuestID, _ reason: ControlReason) async throws(ControlFailure) -> ControlReport
  /// Throws the reason if the guest is not shut down.
  func stop(_ guest: GuestID, _ reason: ControlReason) async throws(ControlFailure) -> ControlReport
  /// Sends a test notice to the entry of `notify` of that name.
  func testNotice(to name: String) async -> TestDelivery
  /// Reads the agent's file and the route files again: all or nothing.
  func reload() async -> ReloadOutcome
}

/// A listener of the agent: of `proxy`, or of a stream route.
package struct NamedListener: Sendable {
  /// `proxy.https`, or `route git-ssh`.
  package var name: String
  package var state: ListenerState
  package init(name: String, state: ListenerState) { (self.name, self.state) = (name, state) }
}

/// Whether every provider was loaded and every cluster was read once or came from the cache.
package struct Readiness: Sendable {
  package struct Provider: Sendable {
    package var name: ProviderName
    package var isLoaded: Bool
    package var routes: Int
    package var problems: [Problem]
    package init(name: ProviderName, isLoaded: Bool, routes: Int, problems: [Problem]) {
      (self.name, self.isLoaded, self.routes, self.problems) = (name, isLoaded, routes, problems)
    }
  }

  package var providers: [Provider]
  /// Problems of no single provider: an unmatched pattern, or a destination of notices that cannot be reached.
  package var problems: [Problem]
  /// Problems of the present files if the last reload was refused.
  package var refused: [Problem]
  /// The keys of settings that were changed in the file and that only a restart applies.
  package var restartNeeded: [String]
  /// Clusters that were never read, with the reason, and those whose routes are not linked yet.
  package var pendingClusters: [(name: ClusterName, error: String?)]

  package init(
    providers: [Provider], problems: [Problem], refused: [Problem] = [], restartNeeded: [String] = [],
    pendingClusters: [(name: ClusterName, error: String?)]
  ) {
    (self.providers, self.problems, self.refused) = (providers, problems, refused)
    (self.restartNeeded, self.pendingClusters) = (restartNeeded, pendingClusters)
  }

  package var isReady: Bool { pendingClusters.isEmpty && providers.allSatisfy(\.isLoaded) }
}

package enum ReloadOutcome: Sendable {
  /// - Parameter restartNeeded: the keys of changed settings that only a restart applies.
  case done(generation: UInt64, warnings: [Problem], restartNeeded: [String] = [])
  /// Nothing changed.
  case refused([Problem])
}
