import HTTPTransport
import ProxmoxAPI
import ProxmoxDiscovery
import ProxmoxInventory
import RouteModel

/// The diagnosis of one cluster, from its endpoints to its guests. It ends at the first stage that cannot be reached.
struct ClusterDiagnosis: Sendable {
  let name: ClusterName
  private(set) var checks: [Finding] = []
  /// Nil if the cluster could not be read.
  private(set) var identity: ClusterIdentity?
  /// As the agent would have it; nil if the cluster could not be read.
  private(set) var inventory: ClusterSnapshot?

  private let cluster: DiagnosedCluster
  private let http: HTTPClient
  private let guestLimit: Int
  private var principal: Principal { Principal(cluster.credentials) }

  private init(_ cluster: DiagnosedCluster, http: HTTPClient, guestLimit: Int) {
    name = cluster.name
    (self.cluster, self.http, self.guestLimit) = (cluster, http, guestLimit)
  }

  static func run(_ cluster: DiagnosedCluster, http: HTTPClient, guestLimit: Int) async -> ClusterDiagnosis {
    var diagnosis = ClusterDiagnosis(cluster, http: http, guestLimit: guestLimit)
    await diagnosis.run()
    return diagnosis
  }

  private mutating func run() async {
    let observations = await contactEndpoints()
    checks = observations.map { EndpointCheck($0, trust: cluster.trust).check }
    // Credentials are only sent to trusted endpoints.
    let trusted = observations.filter { $0.greeting != nil }.map(\.endpoint)
    guard let (client, version) = await login(trusted) else {
      checks += ClockCheck.checks(clocks(observations))
      return
    }
    let (rights, fault) = await rights(client)
    checks.append(
      LoginCheck(principal: principal, now: EndpointObservation.clock())
        .accepted(by: client.endpoint, version: version.version, account: rights?.account))
    if let rights {
      checks += PrivilegeCheck(principal: principal, version: version.major, rights: rights).checks
    }
    checks += fault
    await checkInside(client, version, others: trusted.filter { $0 != client.endpoint }, observations, rights)
  }

  private func control(
    _ client: ProxmoxClient, _ version: APIVersion, _ rights: Rights, _ facts: ClusterFacts
  ) async -> [Finding] {
    let guests = facts.resources.guests
    let paths = Set(guests.map(\.vmid)).intersection(cluster.controlledGuests ?? []).sorted().map { "/vms/\($0)" }
    let nodes = Set(guests.filter { cluster.guestsOfWokenNodes.contains($0.vmid) }.map(\.node)).sorted()
    do throws(ProxmoxError) {
      let granted = try await ControlCheck.granted(on: paths + nodes.map { "/nodes/\($0)" }, client)
      return ControlCheck(principal: principal, version: version.major, rights: rights, granted: granted).checks
    } catch {
      return [failed("rights", error, by: client.endpoint, wanted: "an answer to GET /access/permissions")]
    }
  }

  private func contactEndpoints() async -> [EndpointObservation] {
    let (trust, http, timeout, credentials) = (cluster.trust, http, cluster.timeout, cluster.credentials)
    return await withTaskGroup(of: EndpointObservation.self) { group in
      for endpoint in cluster.endpoints {
        group.addTask {
          await EndpointObservation.make(at: endpoint, trust: trust, http: http, timeout: timeout, hiding: credentials)
        }
      }
      let found = await group.reduce(into: [String: EndpointObservation]()) { $0[$1.endpoint] = $1 }
      return cluster.endpoints.compactMap { found[$0] }
    }
  }

  /// Returns the first endpoint that accepts the credentials. A refusal is not repeated elsewhere: it takes PVE three
  /// seconds, and the credentials are the same everywhere.
  private mutating func login(_ endpoints: [String]) async -> (ProxmoxClient, APIVersion)? {
    for endpoint in endpoints {
      let client = cluster.client(endpoint, http: http)
      do throws(ProxmoxError) {
        return (client, try await client.version())
      } catch .unauthorized(let text) {
        let examination = LoginCheck(principal: principal, now: EndpointObservation.clock())
        checks.append(examination.refused(.unauthorized(text), by: endpoint))
        return nil
      } catch {
        checks.append(failed("version", error, by: endpoint, wanted: "an answer to GET /version"))
      }
    }
    return nil
  }

  private func rights(_ client: ProxmoxClient) async -> (Rights?, [Finding]) {
    do throws(ProxmoxError) {
      return (try await RightsReader(client: client, principal: principal).read(), [])
    } catch {
      return (nil, [failed("rights", error, by: client.endpoint, wanted: "an answer to GET /access/permissions")])
    }
  }

  private mutating func checkInside(
    _ client: ProxmoxClient, _ version: APIVersion, others: [String], _ observations: [EndpointObservation],
    _ rights: Rights?
  ) async {
    let facts: ClusterFacts
    do throws(ProxmoxError) {
      facts = try await ClusterFacts.read(client, version: version)
    } catch {
      checks.append(failed("cluster", error, by: client.endpoint, wanted: "the list of nodes and guests"))
      return
    }
    let identity = ClusterIdentity(facts)
    self.identity = identity
    if let error = facts.statusError {
      checks.append(failed("cluster", error, by: client.endpoint, wanted: "an answer to GET /cluster/status"))
    }
    if let rights { checks += await control(client, version, rights, facts) }
    checks += await strangers(others, identity)
    let nodes = await observeNodes(client, facts)
    checks += NodeCheck(nodes: nodes, status: facts.status, endpoint: client.endpoint).checks
    let readings = nodes.compactMap { node in
      node.clockOffset.map { ClockCheck.Reading(name: node.name, offset: $0) }
    }
    checks += ClockCheck.checks(readings.isEmpty ? clocks(observations) : readings)
    let unreachable = nodes.filter { $0.status == "offline" || $0.error?.isUnreachable == true }
    var builder = builder(facts, nodes, endpoint: client.endpoint)
    let survey = await GuestSurvey(
      client: client, limit: guestLimit, wanted: cluster.wantedGuests(builder.snapshot())
    ).run(facts.resources.guests, offline: Set(unreachable.map(\.name)))
    checks += GuestCheck(survey: survey).checks
    builder.record(survey.readings, isComplete: survey.observations.count == survey.total)
    inventory = builder.snapshot()
  }

  private func builder(_ facts: ClusterFacts, _ nodes: [NodeObservation], endpoint: String) -> InventoryBuilder {
    var builder = InventoryBuilder(
      name: name, preferences: cluster.preferences, allowsLoopback: cluster.allowsLoopback)
    builder.accept(facts.listing, from: endpoint)
    builder.record(version: facts.version, nodes: facts.nodes, status: facts.status)
    for node in nodes { node.network.map { builder.record(network: $0, of: node.name) } }
    return builder
  }

  private func observeNodes(_ client: ProxmoxClient, _ facts: ClusterFacts) async -> [NodeObservation] {
    await withTaskGroup(of: NodeObservation.self) { group in
      for node in facts.nodes {
        let member = facts.status?.members.first { $0.name == node.name }
        group.addTask { await NodeObservation.make(at: node, member: member, client: client) }
      }
      return await group.reduce(into: []) { $0.append($1) }.sorted { $0.name < $1.name }
    }
  }

  /// Endpoints of the entry that do not belong to this cluster.
  private func strangers(_ endpoints: [String], _ identity: ClusterIdentity) async -> [Finding] {
    var checks: [Finding] = []
    for endpoint in endpoints {
      do throws(ProxmoxError) {
        let nodes = try await cluster.client(endpoint, http: http).nodes()
        guard !identity.mayHave(nodes) else { continue }
        checks.append(
          stranger("\(endpoint) leads to other nodes (\(Wording.list(nodes.map(\.name)))) than the first endpoint"))
      } catch {
        checks.append(stranger("\(endpoint): \(error)"))
      }
    }
    return checks
  }

  private func failed(_ topic: String, _ error: ProxmoxError, by endpoint: String, wanted: String) -> Finding {
    Finding(
      topic, .problem, "\(endpoint): \(error)", wanted: wanted,
      remedies: [EndpointFailure.remedy(for: error, endpoint) ?? EndpointFailure.clusterRemedy(endpoint)])
  }

  private func stranger(_ found: String) -> Finding {
    Finding(
      "endpoint", .problem, found, wanted: "endpoints of one cluster in one entry",
      remedies: [Remedy("in pvescout.yml, give each cluster or standalone host an entry of its own")])
  }

  private func clocks(_ observations: [EndpointObservation]) -> [ClockCheck.Reading] {
    observations.compactMap { observation in
      guard let greeting = observation.greeting ?? observation.untrusted, let clock = greeting.clock else { return nil }
      return ClockCheck.Reading(name: observation.endpoint, offset: clock - observation.now)
    }
  }
}

extension ProxmoxError {
  fileprivate var isUnreachable: Bool {
    if case .nodeUnreachable = self { true } else { false }
  }
}
