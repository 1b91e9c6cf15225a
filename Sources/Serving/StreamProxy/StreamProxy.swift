import Glibc
package import Logging
package import NIOCore
package import NIOSSL
package import NameResolution
package import ProxyTraffic
import RouteModel
package import RouteRegistry
package import ServerSockets
import ServiceLifecycle
package import WakeOnDemand

/// Serves the stream routes: one listener for each route with a listen port, kept in step with the registry.
///
/// An added route starts to listen; a removed one stops while its connections continue; a new target of a route applies
/// to its next connection.
package actor StreamProxy: Service {
  /// The current listeners of the routes.
  package nonisolated let listeners = StreamListeners()
  /// The bounds of `max_conns_per_host`, which HTTP routes to the same upstreams share.
  package nonisolated let connectionLimits = ConnectionLimits()
  nonisolated let environment: StreamEnvironment
  private var running: [RouteID: any StreamListener] = [:]
  private var failures: [RouteID: (spec: ListenerSpec, reason: String)] = [:]

  /// - Parameters:
  ///   - certificates: returns the certificate for a TLS client that requests that name, or none; nil closes the
  ///     connection.
  package init(
    configuration: StreamConfiguration = StreamConfiguration(),
    proxyProtocol: ProxyProtocolPolicy = ProxyProtocolPolicy(), registry: RouteRegistry, traffic: TrafficBook,
    group: any EventLoopGroup, certificates: @escaping @Sendable (String?) -> NIOSSLContext? = { _ in nil },
    names: NameResolver = .system, descriptors: DescriptorBudget = DescriptorBudget(),
    inherited: InheritedSockets = InheritedSockets(), gates: WakeGates? = nil, logger: Logger
  ) {
    environment = StreamEnvironment(
      settings: StreamSettings(.init(configuration: configuration, proxyProtocol: proxyProtocol)),
      registry: registry, group: group,
      certificates: certificates, traffic: traffic, refusals: RefusalLog(logger: logger),
      relays: RelayLoops(threads: group.makeIterator().reduce(0) { count, _ in count + 1 }), names: names,
      descriptors: descriptors, inherited: inherited, connectionLimits: connectionLimits, gates: gates, logger: logger)
    descriptors.onShortage(of: environment.relays) {
      [weak relays = environment.relays, weak silent = environment.silent] in
      relays?.makeRoom()
      silent?.makeRoom()
    }
  }

  /// Applies new settings to connections that begin from now on.
  package nonisolated func replace(_ configuration: StreamConfiguration, _ proxyProtocol: ProxyProtocolPolicy) {
    environment.settings.replace(.init(configuration: configuration, proxyProtocol: proxyProtocol))
  }

  /// Counts the bytes of open connections now, instead of at the next update.
  package nonisolated func countBytes() { environment.meters.count() }

  /// Serves until the graceful shutdown, and then until the connections have ended or the drain time is over.
  package func run() async throws {
    let (updates, update) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    await withTaskGroup { group in
      group.addTask { [registry = environment.registry] in
        for await _ in registry.generations().cancelOnGracefulShutdown() { update.yield() }
        update.finish()
      }
      group.addTask { [pause = environment.configuration.bindRetry] in
        await cancelWhenGracefulShutdown {
          while (try? await Task.sleep(for: pause)) != nil { update.yield() }
        }
      }
      // Strictly in sequence: one update may listen on a port that the previous one has closed.
      for await _ in updates {
        await follow()
        // Every route that was declared at the start has its socket by now.
        environment.inherited.closeUnused(logger: environment.logger)
      }
    }
    await stop()
  }

  /// Brings the listeners in step with the routes, and retries failed ones.
  private func follow() async {
    let routes = environment.registry.snapshot.active.filter { $0.registered.pool == .stream }.map(\.route)
    let specs = routes.compactMap { ListenerSpec($0, bind: environment.configuration.bind) }
    let wanted = Dictionary(specs.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    // Closes first: the port may belong to another route now.
    for (id, listener) in running where wanted[id] != listener.spec { await close(listener, id) }
    failures = failures.filter { wanted[$0.key] == $0.value.spec }
    for spec in specs where running[spec.id] == nil { await open(spec) }
    environment.refusals.keep(Set(routes.map(\.id)))
    for listener in running.values { listener.refresh() }
    environment.meters.count()
    publish()
  }

  private func open(_ spec: ListenerSpec) async {
    do {
      let listener: any StreamListener =
        spec.isDatagram
        ? try await DatagramListener.open(spec, environment) : try await TCPListener.open(spec, environment)
      running[spec.id] = listener
      failures[spec.id] = nil
      log(.info, "stream listens", spec, ["address": "\(listener.address)"])
    } catch {
      let reason = reason(error, spec)
      // Once for each reason: it is retried until it works.
      if failures[spec.id]?.reason != reason { log(.error, "stream cannot listen", spec, ["reason": "\(reason)"]) }
      failures[spec.id] = (spec, reason)
    }
  }

  private func close(_ listener: any StreamListener, _ id: RouteID) async {
    running[id] = nil
    // A closed socket has no address.
    let address = listener.address
    try? await listener.channel.close()
    log(.info, "stream listener closed", listener.spec, ["address": "\(address)"])
  }

  private func stop() async {
    for (id, listener) in running { await close(listener, id) }
    failures = [:]
    publish()
    await environment.connections.drain(within: environment.configuration.drain)
    await environment.relays.shutdown()
  }

  private func publish() {
    var states = running.mapValues { ListenerState.listening($0.address) }
    for (id, failure) in failures { states[id] = .failed(failure.reason) }
    listeners.replace(states)
  }

  private func log(_ level: Logger.Level, _ event: Logger.Message, _ spec: ListenerSpec, _ more: Logger.Metadata) {
    let metadata: Logger.Metadata = ["route.alias": "\(spec.id.alias)", "protocol": spec.isDatagram ? "udp" : "tcp"]
    environment.logger.log(level: level, event, metadata: metadata.merging(more) { $1 })
  }

  private func reason(_ error: any Error, _ spec: ListenerSpec) -> String {
    let place = "\(spec.isDatagram ? "udp" : "tcp") \((try? spec.address)?.hostPort ?? spec.host)"
    let holder = running.values.first { other in
      other.spec.isDatagram == spec.isDatagram && other.channel.localAddress?.port == Int(spec.port)
    }
    guard (error as? IOError)?.errnoCode == EADDRINUSE, let holder else { return "\(place): \(error.bindReason)" }
    return "\(place): route '\(holder.spec.id.alias.text)' listens there; give one of them another port"
  }
}
