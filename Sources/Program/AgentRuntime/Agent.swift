package import AgentConfiguration
import ControlServer
import Glibc
import HTTPTransport
package import Logging
import ProxmoxDiscovery
import Reconciliation
package import ServerSockets
import ServiceLifecycle
import UnixSignals

/// The composition root: all services of the agent, connected.
package struct Agent: Service {
  let configuration: AgentConfiguration
  let environment: [String: String]
  let descriptors: DescriptorBudget
  let inherited: InheritedSockets
  let logger: Logger

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
    let systemd = SystemdNotifier(environment: environment)
    let (listening, listened) = AsyncStream.makeStream(of: Void.self)
    let started = StartNotice(configuration.proxy == nil ? [.socket] : [.socket, .proxy]) {
      systemd.notify("READY=1")
      listened.finish()
    }
    let parts = try AgentParts(of: self, client: client) { started.settle(.proxy) }
    await parts.loadState()
    // Unread clusters are registered before the first route is linked, so that no route falls back to localhost.
    await parts.reconciler.replace(inventory: parts.discovery.snapshot)
    // From here on a SIGHUP waits for its turn; before, it would end the process.
    let hangups = await UnixSignalsSequence(trapping: .sighup)
    let server = ControlServer(
      configuration: configuration.socket, agent: parts.view, descriptors: descriptors, logger: logger,
      onListening: { started.settle(.socket) })
    await parts.reloading.start(server)
    parts.observer.forgetRemovedRoutes()
    let ready = ReadyNotice(
      view: parts.view, listening: listening, metadata: ["socket.path": "\(configuration.socket.path)"], logger: logger)
    let hangup = HangupReload(hangups: hangups, reloading: parts.reloading, systemd: systemd)
    let watchdog = watchdog(of: parts, server, systemd)
    let services = services(of: parts, ready: ready, hangup: hangup, watchdog: watchdog, server: server)
    let group = ServiceGroup(configuration: .init(services: services, logger: logger.quieted))
    try await withGracefulShutdownHandler {
      try await group.run()
    } onGracefulShutdown: {
      systemd.notify("STOPPING=1")
    }
  }

  private func watchdog(of parts: AgentParts, _ server: ControlServer, _ systemd: SystemdNotifier) -> Watchdog {
    Watchdog(
      interval: Watchdog.interval(environment: environment, processID: getpid()),
      parts: [
        .init(name: "discovery") { await parts.discovery.isResponding() },
        .init(name: "reconciler") { await parts.reconciler.respond() },
        .init(name: "control server") { await server.respond() },
      ] + parts.serving.watchedParts,
      notify: { systemd.notify($0) }, logger: logger)
  }

  /// In the order of dependency: the last one stops first. A failed poll, probe or notice is logged and retried by the
  /// service itself; only a listener can end the process: the socket, or an address of `proxy`. Names are explicit,
  /// because the default is a dump of the service.
  private func services(
    of parts: AgentParts, ready: ReadyNotice, hangup: HangupReload, watchdog: Watchdog, server: ControlServer
  ) -> [ServiceGroupConfiguration.ServiceConfiguration] {
    [
      .init(service: ready, serviceName: "ready notice"),
      .init(service: parts.notifier, serviceName: "notifier"),
      .init(service: parts.observer, serviceName: "health observer"),
      .init(service: parts.monitor, serviceName: "health monitor"),
      .init(service: parts.healthKeeper, serviceName: "health keeper"),
      .init(service: parts.linkKeeper, serviceName: "link keeper"),
      .init(service: parts.controlKeeper, serviceName: "control keeper"),
      .init(service: parts.controller, serviceName: "guest controller"),
      .init(service: parts.requests, serviceName: "control requests"),
      .init(service: parts.reconciler, serviceName: "reconciler"),
      .init(service: parts.discovery, serviceName: "discovery"),
      .init(service: parts.reloading.watcher, serviceName: "file watcher"),
      .init(service: hangup, serviceName: "hangup"),
      .init(service: parts.memory, serviceName: "memory keeper"),
      .init(service: watchdog, serviceName: "watchdog"),
      .init(service: server, serviceName: "control server"),
      .init(service: parts.serving, serviceName: "serving"),
    ]
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
