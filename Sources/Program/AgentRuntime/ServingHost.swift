import HTTPTransport
import Logging
import ReverseProxy
import RouteModel
import RouteRegistry
import ServerSockets
import ServiceLifecycle
import Synchronization
import WakeOnDemand

/// Serves routes while there is `proxy:`, which a reload may add or remove.
final class ServingHost: Service {
  private let serving: Mutex<Serving?>
  private let registry: RouteRegistry
  private let descriptors: DescriptorBudget
  private let gates: WakeGates
  private let logger: Logger
  private let changes: AsyncStream<Void>
  private let change: AsyncStream<Void>.Continuation

  /// Throws if TLS cannot be set up.
  /// - Parameter onListening: called once the addresses of `proxy` at the start are open.
  init(
    _ configuration: ProxyConfiguration?, clusterTrust: [ClusterName: TrustPolicy], registry: RouteRegistry,
    descriptors: DescriptorBudget, gates: WakeGates, logger: Logger, onListening: @escaping @Sendable () -> Void
  ) throws {
    (self.registry, self.descriptors, self.gates, self.logger) = (registry, descriptors, gates, logger)
    (changes, change) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    serving = Mutex(
      try configuration.map {
        try Serving(
          $0, clusterTrust: clusterTrust, registry: registry, descriptors: descriptors, gates: gates, logger: logger,
          mustListen: true, onListening: onListening)
      })
    change.yield()
  }

  /// Nil while no routes are served.
  var current: Serving? { serving.withLock { $0 } }

  /// Serves as configured from now on, or not at all. Throws if TLS cannot be set up; everything stays in that case.
  /// An address that cannot be had is logged and tried again.
  func replace(_ configuration: ProxyConfiguration?, clusterTrust: [ClusterName: TrustPolicy]) throws {
    try serving.withLock { serving in
      switch (serving, configuration) {
      case (let serving?, let configuration?): serving.replace(configuration, clusterTrust: clusterTrust)
      case (nil, let configuration?):
        serving = try Serving(
          configuration, clusterTrust: clusterTrust, registry: registry, descriptors: descriptors, gates: gates,
          logger: logger, mustListen: false, onListening: {})
      case (let former?, nil):
        former.stop()
        serving = nil
      case (nil, nil): break
      }
    }
    change.yield()
  }

  /// Throws if an address of the first `proxy:` cannot be opened. A former one still finishes its requests while the
  /// next one serves.
  func run() async throws {
    try await withThrowingDiscardingTaskGroup { group in
      var running: Serving?
      for await _ in changes.cancelOnGracefulShutdown() {
        let next = current
        defer { running = next }
        guard let next, next !== running else { continue }
        group.addTask { [logger, change] in
          do {
            try await ServiceGroup(configuration: .init(services: next.services, logger: logger.quieted)).run()
          } catch {
            // Ends the loop: it is no child of the group, which the failure cancels.
            change.finish()
            throw error
          }
        }
      }
    }
  }

  /// The event loops, one by one.
  var watchedParts: [Watchdog.Part] {
    (0..<Serving.loopCount).map { index in
      .init(name: "event loop \(index)") { await self.current?.isResponding(loop: index) ?? true }
    }
  }
}
