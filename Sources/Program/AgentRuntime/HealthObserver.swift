import FoundationEssentials
import Notifications
import Reconciliation
import RouteModel
import RouteRegistry
import ServiceLifecycle

/// Passes the health events of routes to the notifier.
struct HealthObserver: Service {
  private let events: EventRing
  private let registry: RouteRegistry
  private let notifier: Notifier
  private let start: UInt64

  /// Observes events from this moment on.
  init(events: EventRing, registry: RouteRegistry, notifier: Notifier) {
    (self.events, self.registry, self.notifier) = (events, registry, notifier)
    start = events.lastID
  }

  /// Drops the saved state of routes that are no longer registered.
  func forgetRemovedRoutes() { notifier.forget(allBut: Set(registry.snapshot.entries.map(\.route.id))) }

  func run() async throws {
    for await event in events.events(since: start).cancelOnGracefulShutdown() { handle(event) }
  }

  private func handle(_ event: Event) {
    switch event.payload {
    case .health(let key, _, let before, let after):
      // A route that was removed in the meantime has its own event.
      guard let entry = registry.snapshot.entry(key) else { return }
      notifier.record(Observation(entry, previous: before.status, now: after))
    case .routeRemoved(let entry): notifier.forget(entry.route.id)
    case .overflow:
      for entry in registry.snapshot.entries {
        notifier.record(Observation(entry, previous: .unknown, now: entry.route.health.report))
      }
    case .route, .link, .guest, .node, .cluster, .control, .reload: break
    }
  }
}

extension Observation {
  init(_ entry: RegistrySnapshot.Entry, previous: HealthStatus, now report: HealthReport) {
    self.init(
      id: entry.route.id, key: entry.key, status: report.status, previous: previous, cause: report.cause,
      detail: report.detail, target: entry.route.target?.description, resource: entry.route.link.resource,
      since: report.since, flapping: report.flapping?.description)
  }
}
