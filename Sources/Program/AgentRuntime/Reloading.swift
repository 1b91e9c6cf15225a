import AgentConfiguration
import ControlServer
import HTTPTransport
import HealthMonitoring
import LinuxSystem
import Logging
import Notifications
import ProxmoxDiscovery
import Reconciliation
import ReverseProxy
import RouteModel
import RouteProviders
import Synchronization

/// Reloads the configuration file and the route files: all or nothing. A reload is refused for the same errors that
/// `check` reports.
actor Reloading {
  /// The active settings, and the problems of the last refused reload.
  struct Status: Sendable {
    var configuration: AgentConfiguration
    var providers: [Readiness.Provider] = []
    /// Of no single provider.
    var problems: [Problem] = []
    var refused: [Problem] = []

    init(configuration: AgentConfiguration) { self.configuration = configuration }

    /// Of the routes only their number is kept: the reconciler has them.
    init(_ configuration: AgentConfiguration, _ provided: ProvidedRoutes, refused: [Problem]) {
      self.configuration = configuration
      self.refused = refused
      problems = provided.problems
      providers = provided.providers.map { provider in
        Readiness.Provider(
          name: provider.name, isLoaded: provider.isLoaded, routes: provider.routes.count, problems: provider.problems)
      }
    }
  }

  private nonisolated let state: Mutex<Status>
  /// The settings at the start, which apply to `socket`, `state_dir`, `log` and the presence of `proxy` until a
  /// restart.
  private let started: AgentConfiguration
  private let environment: [String: String]
  private let discovery: DiscoveryService
  private let monitor: HealthMonitor
  private let reconciler: Reconciler
  private let notifier: Notifier
  private let serving: Serving?
  private let memory: MemoryKeeper
  private let wishesChanged: @Sendable () -> Void
  private let logger: Logger
  private var lastRevision: UInt64 = 0
  /// Files are read on it, in the order of the reloads.
  private let executor = BlockingExecutor(label: "pvescout.reloading")
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  init(
    configuration: AgentConfiguration, environment: [String: String], discovery: DiscoveryService,
    monitor: HealthMonitor, reconciler: Reconciler, notifier: Notifier, serving: Serving?, memory: MemoryKeeper,
    wishesChanged: @escaping @Sendable () -> Void, logger: Logger
  ) {
    state = Mutex(Status(configuration: configuration))
    started = configuration
    self.environment = environment
    self.discovery = discovery
    self.monitor = monitor
    self.reconciler = reconciler
    self.notifier = notifier
    self.serving = serving
    self.memory = memory
    self.wishesChanged = wishesChanged
    self.logger = logger
  }

  nonisolated var status: Status { state.withLock { $0 } }

  nonisolated func routeFilesFingerprint() -> [String] { status.configuration.routeFiles.fingerprint() }

  nonisolated func secretFilesFingerprint() -> [String] {
    status.configuration.secretFiles.map { FileWatcher.fingerprint(of: $0) }
  }

  /// Performs the first load: a bad route is excluded, a bad file contributes nothing, and the agent starts anyway.
  func start() async {
    let configuration = status.configuration
    let declared = DeclaredRoutes(
      configuration.routeFiles.load(environment: environment), settings: RouteSettings(configuration))
    log(configuration.warnings + declared.problems)
    await put(configuration, declared, isReload: false)
  }

  /// Reloads the configuration file and the route files, for SIGHUP and `POST /v1/reload`.
  func reload() async -> ReloadOutcome {
    do {
      let configuration = try AgentConfiguration.load(path: status.configuration.path, environment: environment)
      return await take(configuration, stillRefused: [])
    } catch {
      return refuse(error.problems)
    }
  }

  /// Reloads everything after a secret file changed on disk: a new secret often comes with a new token.
  func secretFilesChanged() async {
    logger.info("secret file changed")
    _ = await reload()
  }

  /// Reloads only the route files, after one of them changed on disk.
  func routeFilesChanged() async {
    let status = status
    // Problems of the configuration file remain, regardless of the route files.
    let refused = status.refused.filter { $0.location.file == status.configuration.path }
    _ = await take(status.configuration, stillRefused: refused)
  }

  private func take(_ configuration: AgentConfiguration, stillRefused: [Problem]) async -> ReloadOutcome {
    let declared = DeclaredRoutes(
      configuration.routeFiles.load(environment: environment), settings: RouteSettings(configuration))
    guard declared.errors.isEmpty else { return refuse(stillRefused + declared.errors) }
    let warnings = configuration.warnings + started.restartWarnings(for: configuration)
    log(warnings + declared.warnings)
    let generation = await put(configuration, declared, isReload: true, stillRefused: stillRefused)
    logger.info("reloaded", metadata: ["generation": "\(generation)", "routes": "\(declared.routes.count)"])
    return .done(generation: generation, warnings: warnings + declared.warnings)
  }

  private func refuse(_ problems: [Problem]) -> ReloadOutcome {
    state.withLock { $0.refused = problems }
    log(problems)
    logger.error("reload refused: everything stays as it was", metadata: ["problems": "\(problems.count)"])
    return .refused(problems)
  }

  @discardableResult
  private func put(
    _ configuration: AgentConfiguration, _ declared: DeclaredRoutes, isReload: Bool, stillRefused: [Problem] = []
  ) async -> UInt64 {
    state.withLock { $0 = Status(configuration, declared.provided, refused: stillRefused) }
    lastRevision += 1
    if isReload {
      discovery.reconfigure(clusters: configuration.clusters, configuration: configuration.discovery)
      monitor.trust(configuration.clusterTrust)
      notifier.replace(configuration.notifications)
      if let proxy = configuration.proxy { serving?.replace(proxy, clusterTrust: configuration.clusterTrust) }
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

extension AgentConfiguration {
  /// The trust policy for each cluster's own API.
  var clusterTrust: [ClusterName: TrustPolicy] {
    Dictionary(clusters.map { ($0.name, $0.trust) }, uniquingKeysWith: { first, _ in first })
  }

  /// A warning for each changed setting that only takes effect after a restart.
  func restartWarnings(for new: AgentConfiguration) -> [Problem] {
    let place = SourceLocation(file: new.path, line: 1, column: 1)
    let changed = [
      ("socket", socket != new.socket), ("state_dir", stateDirectory != new.stateDirectory), ("log", log != new.log),
      ("proxy", (proxy == nil) != (new.proxy == nil)),
    ]
    return changed.filter(\.1).map { name, _ in
      Problem(.warning, at: place, "\(name): changed, and will be in force after a restart")
    }
  }
}
