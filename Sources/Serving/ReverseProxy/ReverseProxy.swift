import HTTPMessages
package import NIOCore
import ServerSockets
import ServiceLifecycle
import Synchronization

/// Serves the HTTP routes of the registry to browsers: which route a request gets is looked up as it comes.
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
  ///   - mustListen: whether ``run()`` throws if it cannot listen at first, instead of trying again.
  ///   - onListening: called once clients can connect, at every address.
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

  /// `ADDRESS:PORT` by `http` and `https`, where it listens just now.
  package var listening: [String: String] { addresses.withLock { $0.listening } }

  /// Why an address of the configuration is not listened on, by `http` and `https`; it is tried again.
  package var failures: [String: String] { addresses.withLock { $0.failures } }

  /// Puts a configuration in force; other addresses are listened on soon after.
  package func replace(_ configuration: ProxyConfiguration) {
    self.configuration.withLock { $0 = configuration }
    workers.withLock { $0 }?.apply(ProxySettings(configuration, identity: identity))
    change.yield()
  }

  /// Listens until it is shut down gracefully; requests in flight are finished within `drain`. Throws if it
  /// cannot listen and must.
  package func run() async throws {
    let configuration = configuration.withLock { $0 }
    let workers = try await ProxyWorkers(
      group: group, services: services, settings: ProxySettings(configuration, identity: identity))
    self.workers.withLock { $0 = workers }
    // Meanwhile a reload may have replaced it.
    workers.apply(ProxySettings(self.configuration.withLock { $0 }, identity: identity))
    var listeners = try await ProxyListeners(
      mustListen ? configuration : ProxyConfiguration(), group: group, workers: workers,
      descriptors: services.descriptors, logger: services.logger)
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

  /// How long after a failure an address is tried again.
  private static let retryInterval = Duration.seconds(1)

  private func publish(_ listeners: ProxyListeners) {
    services.securePort.value = listeners.addresses["https"]?.split(separator: ":").last.flatMap { UInt16($0) }
    addresses.withLock { $0 = (listeners.addresses, listeners.failures.mapValues { "\($0.address): \($0.reason)" }) }
  }
}
