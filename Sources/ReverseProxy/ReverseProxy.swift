import HTTPMessages
package import NIOCore
import ServiceLifecycle
import Synchronization

/// Serves the HTTP routes of the registry to browsers: which route a request gets is looked up as it comes.
package final class ReverseProxy: Service {
  private let services: ProxyServices
  private let group: any EventLoopGroup
  private let configuration: Mutex<ProxyConfiguration>
  private let identity = ProxyIdentity()
  private let workers = Mutex<ProxyWorkers?>(nil)
  private let addresses = Mutex<[String: String]>([:])

  package init(configuration: ProxyConfiguration, services: ProxyServices, group: any EventLoopGroup) {
    self.services = services
    self.configuration = Mutex(configuration)
    self.group = group
  }

  /// `ADDRESS:PORT` by `http` and `https`, where it listens just now.
  package var listening: [String: String] { addresses.withLock { $0 } }

  /// Puts all of a configuration in force but the addresses.
  package func replace(_ configuration: ProxyConfiguration) {
    self.configuration.withLock { $0 = configuration }
    workers.withLock { $0 }?.put(ProxySettings(configuration, identity: identity))
  }

  /// Listens until it is shut down gracefully; requests in flight are finished within `drain`. Throws where it cannot
  /// listen.
  package func run() async throws {
    let configuration = configuration.withLock { $0 }
    let workers = try await ProxyWorkers(
      group: group, services: services, settings: ProxySettings(configuration, identity: identity))
    self.workers.withLock { $0 = workers }
    let listeners = try await open(configuration, workers)
    addresses.withLock { $0 = listeners.mapValues(\.address) }
    try? await gracefulShutdown()
    for listener in listeners.values { try? await listener.channel.close() }
    addresses.withLock { $0 = [:] }
    await workers.drain(within: self.configuration.withLock { $0.timeouts.drain })
  }

  private func open(_ configuration: ProxyConfiguration, _ workers: ProxyWorkers) async throws -> [String:
    ProxyListener]
  {
    var listeners: [String: ProxyListener] = [:]
    for (key, address) in [("http", configuration.http), ("https", configuration.https)] {
      guard let address else { continue }
      listeners[key] = try await .open(address, key: key, group: group, workers: workers, logger: services.logger)
    }
    return listeners
  }
}
