import FoundationEssentials
import HTTPTransport
import Logging
import ProxmoxAPI
import ProxmoxInventory
import RouteModel

/// The discovery of one cluster: polls its list, reads addresses, and publishes the results.
///
/// Several loops run concurrently, so that a slow guest does not delay the list, and a slow list does not delay its
/// being marked as stale.
actor ClusterDiscovery {
  struct Environment: Sendable {
    var http: HTTPClient
    var hints: DiscoveryHints
    var publisher: SnapshotPublisher
    var identities: ClusterIdentities
    /// Nil if nothing is kept across restarts.
    var cache: InventoryCache?
    var logger: Logger
  }

  /// Every request of a poll has a timeout: a poll that takes longer is stuck.
  private static let maxPollDuration = Duration.seconds(600)
  /// pvestatd reports every ten seconds.
  private static let maxListLag = Duration.seconds(20)

  nonisolated let configuration: ClusterConfiguration
  let settings: DiscoveryConfiguration
  let environment: Environment
  let logger: Logger
  private var clients: ClusterClients
  private var endpoints: EndpointSelector
  private(set) var cadence: PollCadence
  private var lastAnswer = ContinuousClock.now
  /// Nil between two polls.
  private var pollBegan: ContinuousClock.Instant?
  private var client: ProxmoxClient?
  private var twin: ClusterName?
  private var isFailing = false
  /// Guests that were just started, and that the lists may call stopped until then.
  private var runningUntil: [VMID: ContinuousClock.Instant] = [:]
  /// The missing rights that were last logged.
  var loggedLack: String?
  private(set) var isSilenced = false
  /// Whether the earlier inventory was taken over. It is more than the first poll can return, so publishing does not
  /// wait for addresses.
  private var isResumed = false
  var builder: InventoryBuilder
  var plan: AddressPlan
  /// In order of their starts.
  var readings: [ReadUnderWay] = []
  let readsDue = Signal()
  let publicationDue = Signal()

  init(_ configuration: ClusterConfiguration, settings: DiscoveryConfiguration, environment: Environment) {
    self.configuration = configuration
    self.settings = settings
    self.environment = environment
    var logger = environment.logger
    logger[metadataKey: "pve.cluster"] = "\(configuration.name)"
    self.logger = logger
    clients = ClusterClients(configuration, timeout: settings.requestTimeout, http: environment.http)
    endpoints = EndpointSelector(configuration.endpoints, interval: settings.interval)
    cadence = PollCadence(interval: settings.interval)
    builder = InventoryBuilder(name: configuration.name)
    (builder.preferences, builder.claims) = (configuration.preferences, settings.claims)
    plan = AddressPlan(interval: settings.interval, refresh: settings.addressRefresh)
  }

  /// Takes over the inventory of another loop for the same cluster. Call it before ``run()``.
  ///
  /// - Parameters:
  ///   - isAccessNew: whether the endpoints, the credentials or the trust changed, so that nothing proves yet that
  ///     the inventory is still valid.
  ///   - isTrustOther: whether the certificates reported by the cluster are no longer trusted either.
  func resume(from builder: InventoryBuilder, isAccessNew: Bool, isTrustOther: Bool = false) {
    self.builder = builder
    (self.builder.preferences, self.builder.claims) = (configuration.preferences, settings.claims)
    if isTrustOther { self.builder.facts.forgetFingerprints() }
    isResumed = builder.readAt != nil
    guard isAccessNew else { return applyMembers() }
    self.builder.markStale("its configuration has changed: it was not read with the new one yet")
    publish()
  }

  /// Runs until its task is cancelled. No failure of PVE ends it.
  func run() async {
    await withDiscardingTaskGroup { group in
      group.addTask { await self.pollRepeatedly() }
      group.addTask { await self.readAddresses() }
      group.addTask { await self.publishChanges() }
      group.addTask { await self.watchAge() }
      group.addTask { await self.saveRepeatedly() }
    }
  }

  private func pollRepeatedly() async {
    while !Task.isCancelled {
      let start = ContinuousClock.now
      pollBegan = start
      await poll()
      pollBegan = nil
      let pause = cadence.pause(jitter: .random(in: 0..<1))
      try? await Task.sleep(until: start + pause, clock: .continuous)
    }
  }

  /// False if a poll has taken far longer than all its requests together may take.
  var isResponding: Bool { pollBegan.map { .now - $0 < Self.maxPollDuration + settings.requestTimeout * 10 } ?? true }

  /// A poll between two; while one is under way, that one has to do.
  func refresh(_ guest: VMID, isRunning: Bool) async {
    if isRunning { runningUntil[guest] = .now + Self.maxListLag }
    guard !isSilenced, plan.polls == 0 else { return }
    await poll()
  }

  /// Asks the endpoints in order until one answers.
  func poll() async {
    let order = endpoints.order(at: .now)
    let race = EndpointRace(headStart: endpoints.headStart(of: order, requestTimeout: settings.requestTimeout))
    let outcome = await race.run(order) { endpoint throws(ProxmoxError) in try await self.list(from: endpoint) }
    if Task.isCancelled { return }
    for endpoint in outcome.failures.map(\.endpoint) + outcome.overtaken { endpoints.failed(endpoint, at: .now) }
    if let (client, listing) = outcome.answer { return accept(listing, from: client) }
    // Once per poll, however many endpoints failed: the pause grows with the duration of the outage.
    if let refusal = outcome.failures.first(where: \.error.isUnauthorized) ?? outcome.failures.last {
      cadence.failed(refusal.error)
    }
    fail(outcome.failures.map { "\($0.endpoint): \(text(of: $0.error))" }.joined(separator: "; "))
  }

  private func text(of error: ProxmoxError) -> String {
    guard error.isUnauthorized, configuration.isSecretCopiedAtStart else { return "\(error)" }
    return "\(error). systemd copied the secret when pvescout started: if its file has changed since, restart pvescout"
  }

  private func list(from endpoint: String) async throws(ProxmoxError) -> (ProxmoxClient, Listing) {
    guard let client = clients[endpoint] else { throw .transport(.closed) }
    makeRoom(forPolls: plan.polls + 1)
    defer { plan.polls -= 1 }
    let reader = ListReader(
      client: client, known: Set(builder.resources.guests.map(\.vmid)), nodeTimeout: settings.nodeListTimeout)
    return (client, try await reader.read())
  }

  private func accept(_ listing: Listing, from client: ProxmoxClient) {
    if isFailing { logger.info("cluster is read again", metadata: ["pve.endpoint": "\(client.endpoint)"]) }
    if let before = self.client?.endpoint, before != client.endpoint {
      logger.notice(
        "cluster is read through another endpoint",
        metadata: ["pve.endpoint": "\(client.endpoint)", "pve.endpoint.before": "\(before)"])
    }
    isFailing = false
    endpoints.succeeded(client.endpoint)
    cadence.succeeded()
    self.client = client
    lastAnswer = .now
    builder.accept(
      withoutLag(listing.resources), live: listing.live, rights: listing.rights, from: client.endpoint, at: .now)
    logRights()
    plan.update(currentPoll(), at: .now)
    publish()
    if twin == nil { readsDue.raise() }
  }

  /// The list with the guests running that have said so themselves.
  private func withoutLag(_ resources: ClusterResources) -> ClusterResources {
    runningUntil = runningUntil.filter { $0.value > .now }
    guard !runningUntil.isEmpty else { return resources }
    var resources = resources
    for index in resources.guests.indices where runningUntil[resources.guests[index].vmid] != nil {
      if resources.guests[index].status == "stopped" { resources.guests[index].status = "running" }
    }
    return resources
  }

  private func fail(_ reason: String) {
    if !isFailing { logger.warning("cluster cannot be read", metadata: ["error": "\(reason)"]) }
    isFailing = true
    builder.markStale(reason)
    publish()
  }

  /// Marks everything stale if a poll hangs for three intervals.
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

  /// A client of the node itself, for calls where another node may know less about its guests.
  func ownClient(of node: String) -> ProxmoxClient? { clients.ownClient(of: node) }

  /// Applies the endpoints that the cluster reported for its nodes.
  func applyMembers() {
    clients.discover(builder)
    endpoints.discovered = clients.discovered
  }

  /// Stops all publishing and claiming, whatever is still in flight: another loop may have taken over.
  func silence() { isSilenced = true }

  func publish() {
    guard !isSilenced else { return }
    builder.awaitsAddresses = !isResumed && !plan.isFirstRoundOver
    let snapshot = builder.snapshot()
    if snapshot.wasRead { recordTwin(environment.identities.claim(configuration.name, ClusterIdentity(snapshot))) }
    environment.publisher.publish(twin.map { empty(snapshot, twin: $0) } ?? snapshot)
  }

  private func recordTwin(_ earlier: ClusterName?) {
    if let earlier, twin == nil {
      logger.warning("cluster is configured twice", metadata: ["pve.cluster.first": "\(earlier)"])
    }
    twin = earlier
  }

  private func empty(_ snapshot: ClusterSnapshot, twin: ClusterName) -> ClusterSnapshot {
    var empty = snapshot
    (empty.nodes, empty.guests, empty.awaitsAddresses) = ([], [], false)
    empty.error = "this is the cluster that '\(twin)' reads already: remove one of the two entries of proxmox"
    return empty
  }
}
