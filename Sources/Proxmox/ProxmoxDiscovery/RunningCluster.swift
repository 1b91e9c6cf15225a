/// One cluster's loop, which can be ended by itself.
struct RunningCluster: Sendable {
  let configuration: ClusterConfiguration
  let settings: DiscoveryConfiguration
  private let discovery: ClusterDiscovery
  private let stopped = Signal()

  init(
    _ configuration: ClusterConfiguration, _ settings: DiscoveryConfiguration,
    _ environment: ClusterDiscovery.Environment
  ) {
    (self.configuration, self.settings) = (configuration, settings)
    discovery = ClusterDiscovery(configuration, settings: settings, environment: environment)
  }

  /// Keeps what the same cluster's loop under another configuration has found. That one must be stopped.
  func resume(from other: RunningCluster) async {
    let builder = await other.discovery.builder
    await discovery.resume(
      from: builder, isReachedAnew: !configuration.isReached(as: other.configuration),
      isTrustOther: configuration.trust != other.configuration.trust)
  }

  /// Begins with what was kept over a restart.
  func resume(from restored: InventoryBuilder) async {
    await discovery.resume(from: restored, isReachedAnew: false)
  }

  /// Whether its loop still makes progress.
  var isResponding: Bool { get async { await discovery.isResponding } }

  /// Ends ``run()``. Once this returns, nothing more is published.
  func stop() async {
    await discovery.silence()
    stopped.raise()
  }

  /// Runs until it is stopped or its task is cancelled.
  func run() async {
    await withTaskGroup { group in
      group.addTask { await discovery.run() }
      group.addTask { for await _ in stopped.raised { return } }
      await group.next()
      group.cancelAll()
    }
  }
}
