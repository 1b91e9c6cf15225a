package import AgentConfiguration
import ControlServer
import FoundationEssentials
import Glibc
import GuestControl
import HTTPTransport
import HealthMonitoring
package import Logging
import NameResolution
import Notifications
import ProxmoxDiscovery
import Reconciliation
import RouteProviders
import RouteRegistry
package import ServerSockets
import ServiceLifecycle
import StreamProxy
import UnixSignals
import WakeOnDemand

/// The composition root: all services of the agent, connected.
package struct Agent: Service {
  private let configuration: AgentConfiguration
  private let environment: [String: String]
  private let descriptors: DescriptorBudget
  private let inherited: InheritedSockets
  private let logger: Logger

  /// Throws if the process may open too few files.
  ///
  /// - Parameters:
  ///   - environment: replaces `${NAME}` in the files, also at each reload, and names systemd's notification socket.
  ///   - inherited: the sockets that `proxy` and the routes listen on before they open their own.
  package init(
    configuration: AgentConfiguration, environment: [String: String], inherited: InheritedSockets = InheritedSockets(),
    logger: Logger
  ) throws {
    descriptors = try DescriptorBudget.ofProcess(eventLoops: Serving.loopCount)
    (self.configuration, self.environment, self.logger) = (configuration, environment, logger)
    self.inherited = inherited
  }

  /// Runs until it is shut down gracefully. Throws if the control socket cannot be opened: without it, the agent could
  /// not be queried.
  package func run() async throws {
    let client = HTTPClient()
    defer { client.shutdown() }
    let hints = DiscoveryHints()
    let discovery = DiscoveryService(
      clusters: configuration.clusters, configuration: configuration.discovery, client: client, hints: hints,
      stateDirectory: configuration.stateDirectory, logger: logger)
    let registry = RouteRegistry(logger: logger)
    let systemd = SystemdNotifier(environment: environment)
    let (listening, listened) = AsyncStream.makeStream(of: Void.self)
    let started = StartNotice(configuration.proxy == nil ? [.socket] : [.socket, .proxy]) {
      systemd.notify("READY=1")
      listened.finish()
    }
    let gates = WakeGates()
    gates.permit(Set(configuration.clusters.filter(\.mayControlGuests).map(\.name)))
    let serving = try ServingHost(
      configuration.proxy, clusterTrust: configuration.clusterTrust, registry: registry, descriptors: descriptors,
      inherited: inherited, gates: gates, logger: logger, onListening: { started.settle(.proxy) })
    let own = OwnListeners(host: serving)
    let monitor = HealthMonitor(
      client: client, clusterTrust: configuration.clusterTrust, ownListener: { await own.name(of: $0, $1) },
      isBusy: { serving.current?.isBusy($0) ?? false }, logger: logger)
    let keeper = HealthKeeper(monitor: monitor, folder: configuration.stateDirectory, logger: logger)
    keeper.load()
    let events = EventRing()
    let guests = ProxiedGuests(gates: gates, monitor: monitor) { serving.countStreams() }
    let controller = GuestController(
      connections: .init(
        client: { await discovery.client(of: $0) },
        connect: { host, port, timeout in
          (try? await client.connect(host: host, port: port, timeout: timeout)) != nil
        }, refresh: { await discovery.refresh($0, isRunning: $1) }, localTime: { .now },
        prepare: { await DependencyStart(controller: $0, registry: registry).start(for: $1, $2) }),
      clients: guests, logger: logger)
    let controlKeeper = ControlKeeper(controller: controller, folder: configuration.stateDirectory, logger: logger)
    await controlKeeper.load()
    let (routeChanges, routeChange) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let reconciler = Reconciler(
      registry: registry, events: events, monitor: monitor, snapshots: discovery.snapshots(),
      connections: .init(
        connect: { host, port, timeout in
          (try? await client.connect(host: host, port: port, timeout: timeout)) != nil
        },
        wants: { hints.wants($0) }, suspects: { hints.suspects($0) },
        isMissingName: { await NameResolver.system.isMissing($0, timeout: .seconds(5)) },
        routesChanged: { routeChange.yield() }),
      logger: logger)
    let memory = MemoryKeeper()
    let links = LinkKeeper(reconciler: reconciler, folder: configuration.stateDirectory, logger: logger)
    await links.load()
    let notifier = Notifier(
      entries: configuration.notifications, client: client,
      keeper: NotificationKeeper(folder: configuration.stateDirectory, logger: logger), logger: logger)
    let reloading = Reloading(
      configuration: configuration, environment: environment, discovery: discovery, monitor: monitor,
      reconciler: reconciler, notifier: notifier, serving: serving, memory: memory,
      wishesChanged: { routeChange.yield() }, logger: logger)
    let view = AgentView(
      registry: registry, discovery: discovery, events: events, reconciler: reconciler, reloading: reloading,
      notifier: notifier, controller: controller, host: serving, descriptors: descriptors)
    let requests = GuestControlService(
      controller: controller, gates: gates, guests: guests, registry: registry, discovery: discovery,
      monitor: monitor, events: events, reloading: reloading, routeChanges: routeChanges)
    let ready = ReadyNotice(
      view: view, listening: listening, metadata: ["socket.path": "\(configuration.socket.path)"], logger: logger)
    let observer = HealthObserver(events: events, registry: registry, notifier: notifier)
    // Unread clusters are registered before the first route is linked, so that no route falls back to localhost.
    await reconciler.replace(inventory: discovery.snapshot)
    // From here on a SIGHUP waits for its turn; before, it would end the process.
    let hangups = await UnixSignalsSequence(trapping: .sighup)
    let server = ControlServer(
      configuration: configuration.socket, agent: view, descriptors: descriptors, logger: logger,
      onListening: { started.settle(.socket) })
    await reloading.start(server)
    observer.forgetRoutesThatWent()

    let watchdog = Watchdog(
      interval: Watchdog.interval(environment: environment, processID: getpid()),
      parts: [
        .init(name: "discovery") { await discovery.isResponding() },
        .init(name: "reconciler") { await reconciler.respond() },
        .init(name: "control server") { await server.respond() },
      ] + serving.watchedParts,
      notify: { systemd.notify($0) }, logger: logger)

    // In the order of dependency: the last one stops first. A failed poll, probe or notice is logged and retried by the
    // service itself; only a listener can end the process: the socket, or an address of `proxy`. Names are explicit,
    // because the default is a dump of the service.
    let group = ServiceGroup(
      configuration: .init(
        services: [
          .init(service: ready, serviceName: "ready notice"),
          .init(service: notifier, serviceName: "notifier"),
          .init(service: observer, serviceName: "health observer"),
          .init(service: monitor, serviceName: "health monitor"),
          .init(service: keeper, serviceName: "health keeper"),
          .init(service: links, serviceName: "link keeper"),
          .init(service: controlKeeper, serviceName: "control keeper"),
          .init(service: controller, serviceName: "guest controller"),
          .init(service: requests, serviceName: "control requests"),
          .init(service: reconciler, serviceName: "reconciler"),
          .init(service: discovery, serviceName: "discovery"),
          .init(service: reloading.watcher, serviceName: "file watcher"),
          .init(service: HangupReload(hangups: hangups, reloading: reloading, systemd: systemd), serviceName: "hangup"),
          .init(service: memory, serviceName: "memory keeper"),
          .init(service: watchdog, serviceName: "watchdog"),
          .init(service: server, serviceName: "control server"),
          .init(service: serving, serviceName: "serving"),
        ],
        logger: logger.quieted))
    try await withGracefulShutdownHandler {
      try await group.run()
    } onGracefulShutdown: {
      systemd.notify("STOPPING=1")
    }
  }
}

extension Logger {
  /// The service group's messages about starting and stopping are only useful for debugging.
  var quieted: Logger {
    var logger = self
    if logger.logLevel == .info { logger.logLevel = .notice }
    return logger
  }
}
