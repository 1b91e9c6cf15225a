import ProxmoxAPI
import RouteModel

/// One cluster's discovery, which can be stopped by itself.
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

  /// Takes over the inventory of the same cluster under another configuration, whose discovery must be stopped.
  func resume(from other: RunningCluster) async {
    let builder = await other.discovery.builder
    await discovery.resume(
      from: builder, isAccessNew: !configuration.isReached(as: other.configuration),
      isTrustOther: configuration.trust != other.configuration.trust)
  }

  /// Starts from an inventory that was restored from the cache.
  func resume(from restored: InventoryBuilder) async {
    await discovery.resume(from: restored, isAccessNew: false)
  }

  /// Whether its loop makes progress.
  var isResponding: Bool { get async { await discovery.isResponding } }

  /// The client of the endpoint that answered last; nil while none has.
  func workingClient() async -> ProxmoxClient? { await discovery.workingClient() }

  /// Reads the list now, instead of with the next poll.
  func refresh(_ guest: VMID, isRunning: Bool) async { await discovery.refresh(guest, isRunning: isRunning) }

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

/// Wakes one waiting loop; several signals before that wake it once.
struct Signal: Sendable {
  private let stream: AsyncStream<Void>
  private let continuation: AsyncStream<Void>.Continuation

  init() { (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

  func raise() { continuation.yield() }

  /// An element for each signal, until the waiting task is cancelled. For one loop at a time.
  var raised: AsyncStream<Void> { stream }
}
