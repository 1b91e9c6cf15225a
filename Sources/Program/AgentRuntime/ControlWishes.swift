import AgentConfiguration
import GuestControl
import HealthMonitoring
import ProxmoxDiscovery
import ProxmoxInventory
import Reconciliation
import RouteModel
import RouteRegistry
import ServiceLifecycle

/// Hands what the routes want of their guests to the controller, and how the guests are to the events and the monitor.
struct ControlWishes: Service {
  let controller: GuestController
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
      group.addTask { for await report in controller.changes.cancelOnGracefulShutdown() { take(report) } }
    }
  }

  private func plan() async {
    let clusters = reloading.status.configuration.clusters
    let known = Dictionary(clusters.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    var plans: [GuestID: GuestPlan] = [:]
    for entry in registry.snapshot.active {
      guard let guest = entry.route.link.resource?.guest, let cluster = known[guest.cluster],
        cluster.mayControlGuests
      else { continue }
      var plan = plans[guest] ?? GuestPlan(isAllowed: true, mayWakeNodes: cluster.mayWakeNodes)
      plan.add(entry.route.declaration.wake?.inForce, route: entry.key, target: ControlTarget(entry.route.target))
      plans[guest] = plan
    }
    await controller.update(plans: plans)
  }

  private func take(_ report: ControlReport) {
    events.append([.control(report)])
    let onTheirWay = controller.reports.values.filter { ["starting", "waiting"].contains($0.state) }
    monitor.guestsAreBeingStarted(Set(onTheirWay.map(\.id)))
  }
}

extension WakePolicy {
  /// Without what has no effect yet: starts by requests, and stops of idle guests.
  fileprivate var inForce: WakePolicy {
    var policy = self
    if policy.start == .onRequest { policy.start = .never }
    policy.idleTimeout = nil
    return policy
  }
}
