import HTTPMessages
package import NIOCore
import ServerSockets
import ServiceLifecycle
import Synchronization

/// Serves the HTTP routes of the registry. The route of each request is looked up when it arrives.
package final class ReverseProxy: Service {
  private let services: ProxyServices
  private let group: any EventLoopGroup
  private let configuration: Mutex<ProxyConfiguration>
  private let mustListen: Bool
  private let onListening: @Sendable () -> Void
  private let identity = ProxyIdentity()
  let workers = Mutex<ProxyWorkers?>(nil)
  private let addresses = Mutex<(listening: [String: String], failures: [String: String])>(([:], [:]))
  private let changes: AsyncStream<Void>
  private let change: AsyncStream<Void>.Continuation

  /// - Parameters:
  ///   - mustListen: whether ``run()`` throws if a listener cannot be opened at the start, instead of retrying.
  ///   - onListening: called once all listeners are open; without `mustListen`, at once.
  package init(
    configuration: ProxyConfiguration, services: ProxyServices, group: any EventLoopGroup,
    mustListen: Bool = true, onListening: @escaping @Sendable () -> Void = {}
  ) {
    self.services = services
    (self.mustListen, self.onListening) = (mustListen, onListening)
    self.configuration = Mutex(configuration)
    self.group = group
    (changes, change) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    services.descriptors.onShortage(of: self) { [weak self] in self?.workers.withLock { $0 }?.makeRoom() }
  }

  /// `ADDRESS:PORT` of the open listeners, by `http` and `https`.
  package var listening: [String: String] { addresses.withLock { $0.listening } }

  /// Why a configured address has no listener, by `http` and `https`. It is retried.
  package var failures: [String: String] { addresses.withLock { $0.failures } }

  /// Applies a configuration. Its listeners are opened soon after.
  package func replace(_ configuration: ProxyConfiguration) {
    self.configuration.withLock { $0 = configuration }
    workers.withLock { $0 }?.apply(ProxySettings(configuration, identity: identity))
    change.yield()
  }

  /// Serves until a graceful shutdown, then waits up to `drain` for requests in flight. Throws if a listener cannot be
  /// opened and `mustListen` is set.
  package func run() async throws {
    let configuration = configuration.withLock { $0 }
    let workers = try await ProxyWorkers(
      group: group, services: services, settings: ProxySettings(configuration, identity: identity))
    self.workers.withLock { $0 = workers }
    // A reload may have replaced it in the meantime.
    workers.apply(ProxySettings(self.configuration.withLock { $0 }, identity: identity))
    var listeners = try await ProxyListeners(
      mustListen ? configuration : ProxyConfiguration(), group: group, workers: workers,
      descriptors: services.descriptors, inherited: services.inherited, logger: services.logger)
    publish(listeners)
    if !mustListen { change.yield() }
    onListening()
    await withDiscardingTaskGroup { group in
      for await _ in changes.cancelOnGracefulShutdown() {
        await listeners.apply(self.configuration.withLock { $0 })
        publish(listeners)
        if listeners.failures.isEmpty { continue }
        group.addTask { [change] in
          try? await Task.sleep(for: Self.retryInterval)
          change.yield()
        }
      }
      group.cancelAll()
    }
    await listeners.closeAll()
    publish(listeners)
    await workers.drain(within: self.configuration.withLock { $0.timeouts.drain })
  }

  /// Time between attempts to open a listener.
  private static let retryInterval = Duration.seconds(1)

  private func publish(_ listeners: ProxyListeners) {
    services.securePort.value = listeners.addresses["https"]?.split(separator: ":").last.flatMap { UInt16($0) }
    addresses.withLock { $0 = (listeners.addresses, listeners.failures.mapValues { "\($0.address): \($0.reason)" }) }
  }
}
