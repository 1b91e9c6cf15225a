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

/// Hands what the routes and their clients want of guests to the controller, and how the guests are to the events and the
/// monitor.
struct ControlWishes: Service {
  let controller: GuestController
  let gates: WakeGates
  let guests: ProxiedGuests
  let registry: RouteRegistry
  let discovery: DiscoveryService
  let monitor: HealthMonitor
  let events: EventRing
  let reloading: Reloading
  /// Yields when routes came, went or changed.
  let routeChanges: AsyncStream<Void>

  func run() async throws {
    await withDiscardingTaskGroup { group in
      group.addTask {
        for await snapshot in discovery.snapshots().cancelOnGracefulShutdown() {
          await controller.update(inventory: snapshot)
        }
      }
      group.addTask { for await _ in routeChanges.cancelOnGracefulShutdown() { await plan() } }
      group.addTask { await grantWishes() }
      group.addTask { for await report in controller.changes.cancelOnGracefulShutdown() { take(report) } }
    }
  }

  private func grantWishes() async {
    await withDiscardingTaskGroup { group in
      for await wish in gates.wishes.cancelOnGracefulShutdown() { group.addTask { await grant(wish) } }
      group.cancelAll()
    }
  }

  /// What a client wants of a route that the plans do not have yet is tried once more with new ones.
  private func grant(_ wish: WakeWish) async {
    let entry = registry.snapshot.active.first { $0.route.id == wish.route }
    let reason = ControlReason.request(route: entry?.key ?? wish.route.alias.text, client: wish.client)
    do throws(ControlFailure) {
      do throws(ControlFailure) { try await start(wish, reason) } catch .noRoute {
        await plan()
        try await start(wish, reason)
      }
    } catch {
      // The guest's own failure was shown when it happened.
      if controller.report(of: wish.guest)?.state == "failed" { return }
      gates.gate(of: wish.guest)?.show(GateStatus(.failed, isOpen: true, cause: error.publicText))
    }
  }

  private func start(_ wish: WakeWish, _ reason: ControlReason) async throws(ControlFailure) {
    if wish.isDoubt {
      _ = try await controller.doubt(wish.guest, reason)
    } else {
      _ = try await controller.start(wish.guest, reason)
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

  /// The guests that depend on others, by those others.
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

  private func take(_ report: ControlReport) {
    events.append([.control(report)])
    // Routes show it: whoever waits for another generation is answered.
    registry.noteChange()
    let onTheirWay = controller.reports.values.filter { ["starting", "waiting"].contains($0.state) }
    monitor.guestsAreBeingStarted(Set(onTheirWay.map(\.id)))
  }
}
