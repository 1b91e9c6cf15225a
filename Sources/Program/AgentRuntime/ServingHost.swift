import Logging
import ReverseProxy
import RouteModel
import RouteRegistry
import ServerSockets
import ServiceLifecycle
import StreamProxy
import Synchronization
import WakeOnDemand

/// Serves routes while there is `proxy:`, which a reload may add or remove.
final class ServingHost: Service {
  private let serving: Mutex<Serving?>
  /// The current one, and former ones until their connections have ended.
  private let running = Mutex<[Serving]>([])
  private let registry: RouteRegistry
  private let descriptors: DescriptorBudget
  private let inherited: InheritedSockets
  private let gates: WakeGates
  private let logger: Logger
  private let onListening: @Sendable () -> Void
  private let changes: AsyncStream<Void>
  private let change: AsyncStream<Void>.Continuation

  /// Throws if TLS cannot be set up.
  /// - Parameter onListening: called when the addresses of `proxy` at the start are open, or `proxy` is removed.
  init(
    _ configuration: ProxyConfiguration?, registry: RouteRegistry, descriptors: DescriptorBudget,
    inherited: InheritedSockets = InheritedSockets(), gates: WakeGates, logger: Logger,
    onListening: @escaping @Sendable () -> Void
  ) throws {
    (self.registry, self.descriptors, self.gates, self.logger) = (registry, descriptors, gates, logger)
    (self.inherited, self.onListening) = (inherited, onListening)
    (changes, change) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    serving = Mutex(
      try configuration.map {
        try Serving(
          $0, registry: registry, descriptors: descriptors, inherited: inherited, gates: gates, logger: logger,
          mustListen: true, onListening: onListening)
      })
    if configuration == nil { inherited.closeUnused(logger: logger) }
    change.yield()
  }

  /// Nil while no routes are served.
  var current: Serving? { serving.withLock { $0 } }

  /// Counts the bytes of all open streams, also of those that outlive their `proxy:`.
  func countStreams() { for serving in running.withLock({ $0 }) { serving.streams.countBytes() } }

  /// What a first `proxy:` needs, to be passed to ``replace(_:first:)``; nil if it is not the first. Throws
  /// if TLS cannot be set up.
  func prepare(_ configuration: ProxyConfiguration?) throws -> Serving? {
    guard current == nil, let configuration else { return nil }
    return try Serving(
      configuration, registry: registry, descriptors: descriptors, inherited: inherited, gates: gates, logger: logger,
      mustListen: false, onListening: {})
  }

  /// Serves as configured from now on, or not at all. An address that cannot be opened is logged and tried again.
  ///
  /// - Parameter first: from ``prepare(_:)`` with the same configuration.
  func replace(_ configuration: ProxyConfiguration?, first: Serving?) {
    let former = serving.withLock { serving in
      defer { serving = configuration == nil ? nil : serving ?? first }
      return serving
    }
    if let configuration {
      former?.replace(configuration)
    } else if let former {
      former.stop()
      onListening()
    }
    change.yield()
  }

  /// Throws if an address of the first `proxy:` cannot be opened. A former one still finishes its requests while the
  /// next one serves.
  func run() async throws {
    try await withThrowingDiscardingTaskGroup { group in
      var last: Serving?
      for await _ in changes.cancelOnGracefulShutdown() {
        let next = current
        defer { last = next }
        guard let next, next !== last else { continue }
        running.withLock { $0.append(next) }
        group.addTask { [self] in
          defer { self.running.withLock { $0.removeAll { $0 === next } } }
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
