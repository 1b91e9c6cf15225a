import FoundationEssentials
import HTTPTransport
import Logging
import ProxmoxAPI
import ProxmoxInventory
import RouteModel

/// The loop of one cluster: polls its list, reads addresses beside that, and publishes what it knows.
///
/// Three loops run at once, so that no slow guest holds up the list, and no slow list the answer that it is old.
actor ClusterDiscovery {
  struct Environment: Sendable {
    var http: HTTPClient
    var hints: DiscoveryHints
    var publisher: SnapshotPublisher
    var identities: ClusterIdentities
    var logger: Logger
  }

  nonisolated let configuration: ClusterConfiguration
  let settings: DiscoveryConfiguration
  let environment: Environment
  let logger: Logger
  private let clients: [String: ProxmoxClient]
  private var endpoints: EndpointSelector
  private(set) var cadence: PollCadence
  private var lastAnswer = ContinuousClock.now
  private var client: ProxmoxClient?
  private var twin: ClusterName?
  private var isFailing = false
  private var isSilenced = false
  var builder: InventoryBuilder
  var plan: AddressPlan
  let readsDue = Signal()
  let publicationDue = Signal()

  init(_ configuration: ClusterConfiguration, settings: DiscoveryConfiguration, environment: Environment) {
    self.configuration = configuration
    self.settings = settings
    self.environment = environment
    var logger = environment.logger
    logger[metadataKey: "pve.cluster"] = "\(configuration.name)"
    self.logger = logger
    clients = Dictionary(
      configuration.endpoints.map { endpoint in
        let client = ProxmoxClient(
          endpoint: endpoint, credentials: configuration.credentials, trust: configuration.trust,
          http: environment.http, timeout: settings.requestTimeout)
        return (endpoint, client)
      }
    ) { first, _ in first }
    endpoints = EndpointSelector(configuration.endpoints)
    cadence = PollCadence(interval: settings.interval)
    builder = InventoryBuilder(name: configuration.name)
    plan = AddressPlan(interval: settings.interval, refresh: settings.addressRefresh)
  }

  /// Takes up what another loop has found of the same cluster. To be called before ``run()``.
  ///
  /// - Parameter isReachedAnew: the endpoints, the credentials or the trust are others, so that nothing proves yet that
  ///   what was found still holds.
  func resume(from builder: InventoryBuilder, isReachedAnew: Bool) {
    self.builder = builder
    guard isReachedAnew else { return }
    self.builder.markStale("its configuration has changed: it was not read with the new one yet")
    publish()
  }

  /// Runs until its task is cancelled. Nothing that PVE does ends it.
  func run() async {
    await withDiscardingTaskGroup { group in
      group.addTask { await self.pollRepeatedly() }
      group.addTask { await self.readAddresses() }
      group.addTask { await self.publishChanges() }
      group.addTask { await self.watchAge() }
    }
  }

  private func pollRepeatedly() async {
    while !Task.isCancelled {
      let start = ContinuousClock.now
      await poll()
      let pause = cadence.pause(jitter: .random(in: 0..<1))
      try? await Task.sleep(until: start + pause, clock: .continuous)
    }
  }

  /// Asks the endpoints in order until one answers.
  func poll() async {
    var failures: [(text: String, error: ProxmoxError)] = []
    for endpoint in endpoints.order {
      guard let client = clients[endpoint] else { continue }
      do throws(ProxmoxError) {
        let resources = try await client.resources()
        return accept(resources, from: client)
      } catch {
        if Task.isCancelled { return }
        failures.append(("\(endpoint): \(error)", error))
        if !error.mayDifferElsewhere { break }
      }
    }
    // Once for the poll, however many endpoints failed: the pause grows with the time that the cluster is away.
    if let last = failures.last { cadence.failed(last.error) }
    fail(failures.map(\.text).joined(separator: "; "))
  }

  private func accept(_ resources: ClusterResources, from client: ProxmoxClient) {
    if isFailing { logger.info("cluster is read again", metadata: ["pve.endpoint": "\(client.endpoint)"]) }
    isFailing = false
    endpoints.succeeded(client.endpoint)
    cadence.succeeded()
    self.client = client
    lastAnswer = .now
    builder.accept(resources, from: client.endpoint, at: .now)
    publish()
    if twin != nil { return }
    plan.update(currentPoll(), at: .now)
    readsDue.raise()
  }

  private func fail(_ reason: String) {
    if !isFailing { logger.warning("cluster cannot be read", metadata: ["error": "\(reason)"]) }
    isFailing = true
    builder.markStale(reason)
    publish()
  }

  /// Marks everything stale when a poll hangs for three intervals.
  private func watchAge() async {
    while !Task.isCancelled {
      let deadline = lastAnswer + settings.interval * 3
      if deadline > .now {
        try? await Task.sleep(until: deadline, clock: .continuous)
        continue
      }
      if !isFailing, !Task.isCancelled {
        let endpoints = configuration.endpoints.joined(separator: ", ")
        fail("\(endpoints): no answer for three intervals (\(settings.interval * 3)); the request is still waited for")
      }
      try? await Task.sleep(for: settings.interval)
    }
  }

  /// The client of the endpoint that answered last.
  func workingClient() -> ProxmoxClient? { client }

  /// From now on publishes and claims nothing, whatever is still under way: another loop may have taken over.
  func silence() { isSilenced = true }

  func publish() {
    guard !isSilenced else { return }
    let snapshot = builder.snapshot()
    if snapshot.wasRead { noteTwin(environment.identities.claim(configuration.name, ClusterIdentity(snapshot))) }
    environment.publisher.publish(twin.map { empty(snapshot, twin: $0) } ?? snapshot)
  }

  private func noteTwin(_ earlier: ClusterName?) {
    if let earlier, twin == nil {
      logger.warning("cluster is configured twice", metadata: ["pve.cluster.first": "\(earlier)"])
    }
    twin = earlier
  }

  private func empty(_ snapshot: ClusterSnapshot, twin: ClusterName) -> ClusterSnapshot {
    var empty = snapshot
    (empty.nodes, empty.guests) = ([], [])
    empty.error = "this is the cluster that '\(twin)' reads already: remove one of the two entries of proxmox"
    return empty
  }
}
