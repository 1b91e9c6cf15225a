import ControlServer
import Foundation
import GuestControl
import Notifications
import ProxmoxInventory
import ProxyTraffic
import Reconciliation
import RouteModel
import RouteRegistry
import ServerSockets
import Synchronization

/// An agent with every part set by a test.
final class StubAgent: ControlledAgent {
  let startedAt = Date(timeIntervalSince1970: 1_700_000_000)
  let registry = RouteRegistry()
  let events: EventRing
  let traffic: TrafficBook?
  let accessLog: AccessLog?
  let descriptors = DescriptorBudget()
  let proxyAddresses = ["http": "127.0.0.1:8080"]
  let proxyDomains = ["home.example"]
  private let state: Mutex<State>

  struct State {
    var inventory: InventorySnapshot
    var readiness: Readiness
    var outcome = ReloadOutcome.done(generation: 7, warnings: [])
    var reloads = 0
    var delivery = TestDelivery.unknown(names: [])
    var testNotices: [String] = []
    var listenerLookups = 0
    var listeners: [RouteID: ListenerState] = [:]
    var controlReports: [GuestID: ControlReport] = [:]
    var refusal: ControlFailure?
    var wishes: [String] = []
    var explanations = 0
    var beforeExplanation: @Sendable () async -> Void = {}
  }

  init(
    inventory: InventorySnapshot = .lab, readiness: Readiness = .ready, routes: [Route] = Route.samples,
    events: EventRing = EventRing(capacity: 8, firstID: 1000), isServing: Bool = false, accessLog: AccessLog? = nil
  ) {
    state = Mutex(State(inventory: inventory, readiness: readiness))
    self.events = events
    self.accessLog = accessLog
    traffic = isServing ? TrafficBook(registry: registry) : nil
    registry.apply(adding: routes.map(RegisteredRoute.init))
  }

  var inventory: InventorySnapshot { state.withLock { $0.inventory } }
  var readiness: Readiness { state.withLock { $0.readiness } }

  func location(of id: RouteID) async -> SourceLocation? { nil }

  func steps(of id: RouteID) async -> [LinkStep] {
    await state.withLock { state in
      state.explanations += 1
      return state.beforeExplanation
    }()
    return [LinkStep(.guestAddress, .matched, "127.0.2.5 is guest 105")]
  }

  /// The number of explanations that were begun.
  var explanations: Int { state.withLock { $0.explanations } }

  /// Has an explanation wait.
  func set(beforeExplanation body: @escaping @Sendable () async -> Void) {
    state.withLock { $0.beforeExplanation = body }
  }

  func listener(of id: RouteID) -> ListenerState? {
    state.withLock { state in
      state.listenerLookups += 1
      return state.listeners[id]
    }
  }

  /// The number of times that a route was read for display.
  var listenerLookups: Int { state.withLock { $0.listenerLookups } }

  var listeners: [NamedListener] {
    state.withLock { $0.listeners.map { NamedListener(name: "route \($0.alias)", state: $1) } }
  }

  var reloads: Int { state.withLock { $0.reloads } }

  func set(_ listener: ListenerState, for id: RouteID) { state.withLock { $0.listeners[id] = listener } }

  func set(outcome: ReloadOutcome) { state.withLock { $0.outcome = outcome } }

  var controlReports: [GuestID: ControlReport] { state.withLock { $0.controlReports } }
  var wishes: [String] { state.withLock { $0.wishes } }

  func set(_ report: ControlReport) { state.withLock { $0.controlReports[report.id] = report } }
  func refuseControl(_ failure: ControlFailure) { state.withLock { $0.refusal = failure } }

  func start(_ guest: GuestID, _ reason: ControlReason) async throws(ControlFailure) -> ControlReport {
    try wish("start", guest, reason)
  }

  func stop(_ guest: GuestID, _ reason: ControlReason) async throws(ControlFailure) -> ControlReport {
    try wish("stop", guest, reason)
  }

  private func wish(
    _ action: String, _ guest: GuestID, _ reason: ControlReason
  ) throws(ControlFailure) -> ControlReport {
    let (refusal, report) = state.withLock { state in
      state.wishes.append("\(action) \(guest): \(reason)")
      return (state.refusal, state.controlReports[guest])
    }
    if let refusal { throw refusal }
    guard let report else { throw .noRoute }
    return report
  }

  var testNotices: [String] { state.withLock { $0.testNotices } }

  func set(_ delivery: TestDelivery) { state.withLock { $0.delivery = delivery } }

  func testNotice(to name: String) async -> TestDelivery {
    state.withLock { state in
      state.testNotices.append(name)
      return state.delivery
    }
  }

  func reload() async -> ReloadOutcome {
    state.withLock { state in
      state.reloads += 1
      return state.outcome
    }
  }
}

extension Readiness {
  static let ready = Readiness(
    providers: [.init(name: ProviderName("file:routes"), isLoaded: true, routes: 4, problems: [])], problems: [],
    pendingClusters: [])
}
