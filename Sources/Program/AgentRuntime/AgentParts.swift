import AgentConfiguration
import FoundationEssentials
import Glibc
import GuestControl
import HTTPTransport
import HealthMonitoring
import Logging
import NameResolution
import Notifications
import ProxmoxDiscovery
import Reconciliation
import RouteRegistry
import ServiceLifecycle
import WakeOnDemand

/// The parts of the agent, connected with each other. Nothing runs yet.
struct AgentParts {
  let discovery: DiscoveryService
  let registry: RouteRegistry
  let events = EventRing()
  let serving: ServingHost
  let monitor: HealthMonitor
  let controller: GuestController
  let reconciler: Reconciler
  let notifier: Notifier
  let observer: HealthObserver
  let reloading: Reloading
  let memory = MemoryKeeper()
  let requests: GuestControlService
  let view: AgentView
  let healthKeeper: HealthKeeper
  let linkKeeper: LinkKeeper
  let controlKeeper: ControlKeeper

  /// Throws if TLS cannot be set up.
  ///
  /// - Parameter onListening: called once the addresses of `proxy` are open, or `proxy` is removed.
  init(of agent: Agent, client: HTTPClient, onListening: @escaping @Sendable () -> Void) throws {
    let (configuration, logger) = (agent.configuration, agent.logger)
    let (hints, gates) = (DiscoveryHints(), WakeGates())
    let (routeChanges, routeChange) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    discovery = DiscoveryService(
      clusters: configuration.clusters, configuration: configuration.discovery, client: client, hints: hints,
      stateDirectory: configuration.stateDirectory, logger: logger)
    registry = RouteRegistry(logger: logger)
    gates.permit(Set(configuration.clusters.filter(\.mayControlGuests).map(\.name)))
    serving = try ServingHost(
      configuration.proxy, registry: registry, descriptors: agent.descriptors, inherited: agent.inherited,
      gates: gates, logger: logger, onListening: onListening)
    monitor = Self.monitor(of: agent, client, serving)
    let guests = ProxiedGuests(gates: gates, monitor: monitor) { [serving] in serving.countStreams() }
    controller = Self.controller(client, discovery, registry, guests, logger)
    reconciler = Reconciler(
      registry: registry, events: events, monitor: monitor, snapshots: discovery.snapshots(),
      connections: Self.connections(client, hints) { routeChange.yield() }, logger: logger)
    notifier = Notifier(
      entries: configuration.notifications, client: client,
      keeper: NotificationKeeper(folder: configuration.stateDirectory, logger: logger), logger: logger)
    observer = HealthObserver(events: events, registry: registry, notifier: notifier)
    reloading = Reloading(
      configuration: configuration, environment: agent.environment, discovery: discovery, reconciler: reconciler,
      notifier: notifier, serving: serving, memory: memory, wishesChanged: { routeChange.yield() }, logger: logger)
    requests = GuestControlService(
      controller: controller, gates: gates, guests: guests, registry: registry, discovery: discovery, monitor: monitor,
      events: events, reloading: reloading, routeChanges: routeChanges)
    view = AgentView(
      registry: registry, discovery: discovery, events: events, reconciler: reconciler, reloading: reloading,
      notifier: notifier, requests: requests, host: serving, descriptors: agent.descriptors)
    healthKeeper = HealthKeeper(monitor: monitor, folder: configuration.stateDirectory, logger: logger)
    linkKeeper = LinkKeeper(reconciler: reconciler, folder: configuration.stateDirectory, logger: logger)
    controlKeeper = ControlKeeper(controller: controller, folder: configuration.stateDirectory, logger: logger)
  }

  /// Loads the state from before the restart.
  func loadState() async {
    healthKeeper.load()
    await controlKeeper.load()
    await linkKeeper.load()
  }

  private static func monitor(of agent: Agent, _ client: HTTPClient, _ serving: ServingHost) -> HealthMonitor {
    let own = OwnListeners(host: serving)
    return HealthMonitor(
      client: client, ownListener: { await own.name(of: $0, $1) }, isBusy: { serving.current?.isBusy($0) ?? false },
      logger: agent.logger)
  }

  private static func controller(
    _ client: HTTPClient, _ discovery: DiscoveryService, _ registry: RouteRegistry, _ guests: ProxiedGuests,
    _ logger: Logger
  ) -> GuestController {
    GuestController(
      connections: .init(
        client: { await discovery.client(of: $0) }, connect: connect(client),
        refresh: { await discovery.refresh($0, isRunning: $1) }, localTime: { .now },
        prepare: { await DependencyStart(controller: $0, registry: registry).start(for: $1, $2) }),
      clients: guests, logger: logger)
  }

  private static func connections(
    _ client: HTTPClient, _ hints: DiscoveryHints, routesChanged: @escaping @Sendable () -> Void
  ) -> Reconciler.Connections {
    Reconciler.Connections(
      connect: connect(client), wants: { hints.wants($0) }, suspects: { hints.suspects($0) },
      isMissingName: { await NameResolver.system.isMissing($0, timeout: .seconds(5)) }, routesChanged: routesChanged)
  }

  private static func connect(_ client: HTTPClient) -> @Sendable (String, UInt16, Duration) async -> Bool {
    { host, port, timeout in (try? await client.connect(host: host, port: port, timeout: timeout)) != nil }
  }
}

extension LocalTime {
  /// By this machine's time zone; nil if the time is not known.
  static var now: LocalTime? {
    var (seconds, parts) = (time(nil), tm())
    guard localtime_r(&seconds, &parts) != nil else { return nil }
    // Its weeks begin on Sunday.
    return LocalTime(weekday: (Int(parts.tm_wday) + 6) % 7, minute: Int(parts.tm_hour) * 60 + Int(parts.tm_min))
  }
}
