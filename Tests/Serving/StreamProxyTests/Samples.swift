import Logging
import NIOCore
import NIOPosix
import NIOSSL
import NameResolution
import PeerTrust
import ProxyTraffic
import RouteModel
import RouteRegistry
import ServiceLifecycle
import TestSupport
import Testing
import WakeOnDemand

@testable import StreamProxy

extension RegisteredRoute {
  /// A stream route; `change` sets declared properties other than the port.
  static func stream(
    _ alias: String, listen: UInt16? = 0, to port: Int?, host: String = "127.0.0.1", scheme: RouteScheme = .tcp,
    provider: String = "file:routes", link: ProxmoxLink = .unlinked(.init(.noMatch, "for the test")),
    change: (inout RouteDeclaration) -> Void = { _ in }
  ) throws -> RegisteredRoute {
    let provider = ProviderName(provider)
    var declaration = RouteDeclaration(
      alias: try RouteAlias(alias), provider: provider,
      location: SourceLocation(file: "routes.yml", line: 1, column: 1))
    declaration.port = RouteDeclaration.Port(listen: listen, target: UInt16(port ?? 1))
    change(&declaration)
    let target = port.map { Upstream.network(scheme: scheme, host: host, port: UInt16($0)) }
    return RegisteredRoute(
      Route(
        id: RouteID(provider: provider, alias: declaration.alias), declaration: declaration, pool: .stream,
        scheme: scheme, target: target, noTargetReason: "nothing is linked", trust: .systemRoots, excludedReason: nil,
        link: link, healthCheck: HealthCheck(),
        health: HealthCell(.unknown("not checked yet"))))
  }
}

/// A stream proxy with its own registry.
final class RunningStreams: Sendable {
  let registry = RouteRegistry()
  let traffic: TrafficBook
  let proxy: StreamProxy
  private let trigger: ServiceGroup
  private let running: Task<Void, any Error>

  init(
    _ routes: [RegisteredRoute], trusted: [String]? = nil, names: NameResolver = .system, gates: WakeGates? = nil,
    certificates: @escaping @Sendable (String?) -> NIOSSLContext? = { _ in nil },
    configure: (inout StreamConfiguration) -> Void = { _ in }
  ) throws {
    var configuration = StreamConfiguration()
    configuration.bindRetry = .milliseconds(50)
    configuration.drain = .zero
    configure(&configuration)
    let policy = ProxyProtocolPolicy(
      isAccepted: trusted != nil, trustedProxies: (trusted ?? []).compactMap { IPNetwork($0) })
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    traffic = TrafficBook(registry: registry)
    proxy = StreamProxy(
      configuration: configuration, proxyProtocol: policy, registry: registry, traffic: traffic,
      group: MultiThreadedEventLoopGroup.singleton, certificates: certificates, names: names,
      gates: gates, logger: logger)
    let group = ServiceGroup(services: [proxy], gracefulShutdownSignals: [], logger: logger)
    trigger = group
    running = Task { try await group.run() }
    registry.apply(adding: routes)
  }

  deinit { running.cancel() }

  func state(_ route: RegisteredRoute) -> ListenerState? { proxy.listeners.state(of: route.id) }

  /// The port that a route listens on, once it does.
  func port(_ route: RegisteredRoute) async throws -> Int {
    try await eventually("'\(route.id)' listens; it is \(String(describing: state(route)))") {
      state(route)?.address.flatMap { Int($0.split(separator: ":").last ?? "") }
    }
  }

  func totals(_ route: RegisteredRoute) -> TrafficTotals { traffic.traffic(for: route).totals }

  /// The number of opened and of open connections of a kind.
  func connections(_ route: RegisteredRoute, _ kind: RouteTraffic.Connection = .tcp) -> (opened: Int, open: Int) {
    totals(route).connections.first { $0.kind == kind }.map { ($0.opened, $0.open) } ?? (0, 0)
  }

  /// The number of refusals for a reason.
  func refusals(_ route: RegisteredRoute, _ reason: RouteTraffic.Refusal) -> Int {
    totals(route).refusals.first { $0.reason == reason }?.count ?? 0
  }

  func beginShutdown() async { await trigger.triggerGracefulShutdown() }

  func stopped() async throws { try await running.value }

  func stop() async throws {
    await beginShutdown()
    try await stopped()
  }
}
