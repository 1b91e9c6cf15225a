import AgentConfiguration
import GuestControl
import HealthMonitoring
import ProxmoxDiscovery
import ProxmoxInventory
import Reconciliation
import RouteModel
import RouteRegistry
import ServiceLifecycle
import WakeOnDemand

/// Passes the plans of the routes and the requests of their clients to the controller, and the states of the guests to
/// the events and the monitor.
struct GuestControlService: Service {
  let controller: GuestController
  let gates: WakeGates
  let guests: ProxiedGuests
  let registry: RouteRegistry
  let discovery: DiscoveryService
  let monitor: HealthMonitor
  let events: EventRing
  let reloading: Reloading
  /// Yields when routes were added, removed or changed.
  let routeChanges: AsyncStream<Void>

  func run() async throws {
    await withDiscardingTaskGroup { group in
      group.addTask {
        for await snapshot in discovery.snapshots().cancelOnGracefulShutdown() {
          await controller.update(inventory: snapshot)
        }
      }
      group.addTask { for await _ in routeChanges.cancelOnGracefulShutdown() { await plan() } }
      group.addTask { await handleWakeRequests() }
      group.addTask { for await report in controller.changes.cancelOnGracefulShutdown() { publish(report) } }
    }
  }

  private func handleWakeRequests() async {
    await withDiscardingTaskGroup { group in
      for await request in gates.requests.cancelOnGracefulShutdown() { group.addTask { await handle(request) } }
      group.cancelAll()
    }
  }

  /// Starts a guest, or joins a start in progress. Throws the reason if it is not started.
  func start(_ guest: GuestID, _ reason: ControlReason) async throws(ControlFailure) -> ControlReport {
    try await withPlan { () async throws(ControlFailure) in try await controller.start(guest, reason) }
  }

  /// Shuts a guest down. Throws the reason if it is not shut down.
  func stop(_ guest: GuestID, _ reason: ControlReason) async throws(ControlFailure) -> ControlReport {
    try await withPlan { () async throws(ControlFailure) in try await controller.stop(guest, reason) }
  }

  /// Tries again with new plans if they do not contain the guest: a link is shown before the guest's plan is made.
  private func withPlan(
    _ act: () async throws(ControlFailure) -> ControlReport
  ) async throws(ControlFailure) -> ControlReport {
    do throws(ControlFailure) { return try await act() } catch .noRoute {
      await plan()
      return try await act()
    }
  }

  private func handle(_ request: WakeRequest) async {
    let entry = registry.snapshot.active.first { $0.route.id == request.route }
    let reason = ControlReason.request(route: entry?.key ?? request.route.alias.text, client: request.client)
    do throws(ControlFailure) {
      _ = try await withPlan { () async throws(ControlFailure) in
        request.isUnreachable
          ? try await controller.reportUnreachable(request.guest, reason)
          : try await controller.start(request.guest, reason)
      }
    } catch {
      // The guest's own failure was shown when it happened.
      if controller.report(of: request.guest)?.state == "failed" { return }
      gates.gate(of: request.guest)?.show(GateStatus(.failed, isOpen: true, cause: error.publicText))
    }
  }

  private func plan() async { await controller.update(plans: readPlans) }

  private func readPlans() -> [GuestID: GuestPlan] {
    let clusters = reloading.status.configuration.clusters
    gates.permit(Set(clusters.filter(\.mayControlGuests).map(\.name)))
    let known = Dictionary(clusters.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    var plans: [GuestID: GuestPlan] = [:]
    for entry in registry.snapshot.active {
      guard let guest = entry.route.link.resource?.guest, let cluster = known[guest.cluster],
        cluster.mayControlGuests
      else { continue }
      var plan = plans[guest] ?? GuestPlan(isAllowed: true, mayWakeNodes: cluster.mayWakeNodes)
      plan.add(entry.route.declaration.wake, route: entry.key, target: ControlTarget(entry.route.target))
      plans[guest] = plan
    }
    gates.manage(Set(plans.filter { $0.value.start == .onRequest || $0.value.idleTimeout != nil }.keys))
    guests.keep(Set(plans.keys), dependents: dependents)
    return plans
  }

  /// The dependent guests of each guest.
  private var dependents: [GuestID: Set<GuestID>] {
    var dependents: [GuestID: Set<GuestID>] = [:]
    let snapshot = registry.snapshot
    for entry in snapshot.active {
      guard let guest = entry.route.link.resource?.guest else { continue }
      for dependency in entry.route.declaration.wake?.dependencies ?? [] {
        guard let other = snapshot.entry(dependency.alias)?.route.link.resource?.guest, other != guest else { continue }
        dependents[other, default: []].insert(guest)
      }
    }
    return dependents
  }

  private func publish(_ report: ControlReport) {
    events.append([.control(report)])
    // Routes contain it, so that readers that wait for another generation get an answer.
    registry.recordChange()
    let onTheirWay = controller.reports.values.filter { ["starting", "waiting"].contains($0.state) }
    monitor.guestsAreBeingStarted(Set(onTheirWay.map(\.id)))
  }
}
