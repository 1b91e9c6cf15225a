import AgentConfiguration
import ControlServer
import LinuxSystem
import Logging
import Notifications
import ProxmoxDiscovery
import Reconciliation
import ReverseProxy
import RouteModel
import RouteProviders
import ServiceLifecycle
import Synchronization
import UnixSignals

/// Reloads the configuration file and the route files: all or nothing. A reload is refused for the same errors that
/// `check` reports.
actor Reloading {
  /// The active settings, and the problems of the last refused reload.
  struct Status: Sendable {
    var configuration: AgentConfiguration
    var watched: WatchedFiles
    /// The keys of settings that differ from the file and need a restart.
    var restartNeeded: [String] = []
    var providers: [Readiness.Provider] = []
    /// Those that belong to no single provider.
    var problems: [Problem] = []
    var refused: [Problem] = []

    init(configuration: AgentConfiguration) {
      self.configuration = configuration
      watched = WatchedFiles(configuration.files, configuration.routeFiles)
    }

    /// Of the routes only their number is kept: the reconciler has them.
    init(
      _ configuration: AgentConfiguration, _ provided: ProvidedRoutes, _ watched: WatchedFiles, refused: [Problem],
      restartNeeded: [String]
    ) {
      self.configuration = configuration
      self.watched = watched
      self.refused = refused
      self.restartNeeded = restartNeeded
      problems = provided.problems
      providers = provided.providers.map { provider in
        Readiness.Provider(
          name: provider.name, isLoaded: provider.isLoaded, routes: provider.routes.count, problems: provider.problems)
      }
    }
  }

  private nonisolated let state: Mutex<Status>
  /// The settings at the start, some of which apply until a restart.
  private let started: AgentConfiguration
  private let environment: [String: String]
  private let discovery: DiscoveryService
  private let reconciler: Reconciler
  private let notifier: Notifier
  private let serving: ServingHost
  private let memory: MemoryKeeper
  private let wishesChanged: @Sendable () -> Void
  private let logger: Logger
  private var server: ControlServer?
  private var lastRevision: UInt64 = 0
  /// Files are read on it, in the order of the reloads.
  private let executor = BlockingExecutor(label: "pvescout.reloading")
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  init(
    configuration: AgentConfiguration, environment: [String: String], discovery: DiscoveryService,
    reconciler: Reconciler, notifier: Notifier, serving: ServingHost, memory: MemoryKeeper,
    wishesChanged: @escaping @Sendable () -> Void, logger: Logger
  ) {
    state = Mutex(Status(configuration: configuration))
    started = configuration
    self.environment = environment
    self.discovery = discovery
    self.reconciler = reconciler
    self.notifier = notifier
    self.serving = serving
    self.memory = memory
    self.wishesChanged = wishesChanged
    self.logger = logger
  }

  nonisolated var status: Status { state.withLock { $0 } }

  /// Reloads when a file of the last attempt changes.
  nonisolated var watcher: FileWatcher {
    FileWatcher(
      known: status.watched.fingerprints, fingerprint: { self.status.watched.currentFingerprints() },
      onChange: { await self.filesChanged() })
  }

  /// Performs the first load: a bad route is excluded, a bad file contributes nothing, and the agent starts anyway.
  /// - Parameter server: gets the settings of `socket` with later reloads.
  func start(_ server: ControlServer) async {
    self.server = server
    let status = status
    let configuration = status.configuration
    let declared = DeclaredRoutes(
      configuration.routeFiles.load(environment: environment), settings: RouteSettings(configuration))
    log(configuration.warnings + declared.problems + configuration.danglingReferences(in: declared))
    await install(configuration, declared, status.watched, isReload: false)
  }

  /// Reloads the configuration file and the route files, for SIGHUP and `POST /v1/reload`.
  func reload() async -> ReloadOutcome {
    do {
      return await apply(try AgentConfiguration.load(path: status.configuration.path, environment: environment))
    } catch {
      return refuse(error.problems, status.watched.replacing(configuration: error.files))
    }
  }

  /// Reloads after files changed on disk, unless a reload has read them meanwhile. Route files are also taken up beside
  /// an invalid configuration file, with the active configuration.
  private func filesChanged() async {
    let before = status
    let changed = before.watched.changedPaths()
    if changed.isEmpty { return }
    logger.info("file changed", metadata: ["file": "\(changed.joined(separator: ", "))"])
    let haveRoutesChanged = before.watched.haveRoutesChanged
    do {
      let configuration = try AgentConfiguration.load(path: before.configuration.path, environment: environment)
      _ = await apply(configuration)
    } catch {
      _ = refuse(error.problems, before.watched.replacing(configuration: error.files))
      if haveRoutesChanged { _ = await apply(before.configuration, besides: error) }
    }
  }

  /// - Parameter invalid: the problems of the current configuration file, if another one is to be taken.
  private func apply(
    _ configuration: AgentConfiguration, besides invalid: AgentConfiguration.Invalid? = nil
  ) async -> ReloadOutcome {
    let stillRefused = invalid?.problems ?? []
    let watched = WatchedFiles(invalid?.files ?? configuration.files, configuration.routeFiles)
    let declared = DeclaredRoutes(
      configuration.routeFiles.load(environment: environment), settings: RouteSettings(configuration))
    guard declared.errors.isEmpty else { return refuse(stillRefused + declared.errors, watched) }
    do {
      let first = try serving.prepare(configuration.proxy)
      try server?.replace(configuration.socket)
      // From here on nothing fails.
      serving.replace(configuration.proxy, first: first)
    } catch {
      let place = SourceLocation(file: configuration.path, line: 1, column: 1)
      return refuse(stillRefused + [Problem(.error, at: place, "\(error)")], watched)
    }
    let warnings = configuration.warnings + declared.warnings + configuration.danglingReferences(in: declared)
    log(warnings)
    let generation = await install(configuration, declared, watched, isReload: true, stillRefused: stillRefused)
    logger.info("reloaded", metadata: ["generation": "\(generation)", "routes": "\(declared.routes.count)"])
    return .done(generation: generation, warnings: warnings, restartNeeded: status.restartNeeded)
  }

  private func refuse(_ problems: [Problem], _ watched: WatchedFiles) -> ReloadOutcome {
    state.withLock { ($0.refused, $0.watched) = (problems, watched) }
    log(problems)
    logger.error("reload refused: everything stays as it was", metadata: ["problems": "\(problems.count)"])
    return .refused(problems)
  }

  @discardableResult
  private func install(
    _ configuration: AgentConfiguration, _ declared: DeclaredRoutes, _ watched: WatchedFiles, isReload: Bool,
    stillRefused: [Problem] = []
  ) async -> UInt64 {
    let restartNeeded = started.settingsForRestart(in: configuration)
    let before = state.withLock { state in
      defer {
        state = Status(
          configuration, declared.provided, watched, refused: stillRefused, restartNeeded: restartNeeded)
      }
      return state.restartNeeded
    }
    if !restartNeeded.isEmpty, restartNeeded != before {
      logger.warning("restart needed", metadata: ["settings": "\(restartNeeded.joined(separator: ", "))"])
    }
    lastRevision += 1
    if isReload {
      discovery.reconfigure(clusters: configuration.clusters, configuration: configuration.discovery)
      notifier.replace(configuration.notifications)
    }
    memory.trimSoon()
    // What the clusters allow may be another thing, while no route has changed.
    defer { wishesChanged() }
    return await reconciler.replace(
      routes: declared, defaults: configuration.health, inventory: discovery.snapshot, isReload: isReload,
      revision: lastRevision)
  }

  private func log(_ problems: [Problem]) {
    for problem in problems {
      let metadata: Logger.Metadata = ["file": "\(problem.location)"]
      if problem.severity == .error {
        logger.error("\(problem.message)", metadata: metadata)
      } else {
        logger.warning("\(problem.message)", metadata: metadata)
      }
    }
  }
}

/// Reloads on SIGHUP.
struct HangupReload: Service {
  let hangups: UnixSignalsSequence
  let reloading: Reloading
  let systemd: SystemdNotifier

  func run() async throws {
    for await _ in hangups.cancelOnGracefulShutdown() {
      systemd.notify("RELOADING=1")
      _ = await reloading.reload()
      systemd.notify("READY=1")
    }
  }
}

extension AgentConfiguration {
  /// The settings of another configuration that differ, and that only a restart can apply, by their keys.
  func settingsForRestart(in new: AgentConfiguration) -> [String] {
    let settings = [
      ("socket.path", socket.path != new.socket.path), ("state_dir", stateDirectory != new.stateDirectory),
      ("log.level", log.level != new.log.level),
      ("log.format", log.format != new.log.format),
    ]
    return settings.filter(\.1).map(\.0)
  }
}
