import PVESimulator
import Testing

/// The answers of the endpoints, by caller.
@Suite(.timeLimit(.minutes(5))) struct SimulatedAPITests {
  private func cluster(version: PVEVersion = PVEVersion(9, 0, 10), permissions: Permissions? = nil) -> SimulatedCluster
  {
    var token = SimulatedCluster.sampleToken
    token.permissions = permissions ?? .readsEverything(version)
    return SimulatedCluster(
      version: version,
      nodes: [
        SimulatedNode(name: "pve1", address: "127.64.0.11"),
        SimulatedNode(name: "pve2", address: "127.64.0.12", isOnline: false),
      ],
      guests: [
        .container(101, "plex", on: "pve1", address: "127.64.16.1"),
        .container(1001, "books", on: "pve2", address: "127.64.16.2"),
        .virtualMachine(200, "home", on: "pve1", address: "127.64.16.3"),
      ], tokens: [token])
  }

  @Test func reportsItsVersion() async throws {
    let simulator = try await PVESimulator.start(cluster: cluster(version: PVEVersion(8, 3, 2)))
    let answer = try await SimulatorClient(simulator).get("/version")
    #expect(answer.status == 200)
    #expect(answer.object["version"] as? String == "8.3.2")
    #expect(answer.object["release"] as? String == "8.3")
    await simulator.shutdown()
  }

  @Test func listsAClusterWithItsMembers() async throws {
    let simulator = try await PVESimulator.start(cluster: cluster())
    let members = try await SimulatorClient(simulator).get("/cluster/status").objects
    #expect(members.map { $0["type"] as? String } == ["cluster", "node", "node"])
    #expect(members[1]["ip"] as? String == "127.64.0.11")
    #expect(members.map { $0["online"] as? Int } == [nil, 1, 0])
    #expect(members.map { $0["local"] as? Int } == [nil, 1, 0])
    await simulator.shutdown()
  }

  @Test func listsAStandaloneHostAsOneNode() async throws {
    let simulator = try await PVESimulator.start(
      cluster: .sample(nodes: 1, guests: 0, name: nil))
    let members = try await SimulatorClient(simulator).get("/cluster/status").objects
    #expect(members.count == 1)
    #expect(members.first?["nodeid"] as? Int == 0)
    await simulator.shutdown()
  }

  @Test func listsGuestsByTheirNumberAsText() async throws {
    let simulator = try await PVESimulator.start(cluster: cluster())
    let guests = try await SimulatorClient(simulator).get("/cluster/resources?type=vm").objects
    #expect(guests.map { $0["id"] as? String } == ["lxc/1001", "lxc/101", "qemu/200"])
    #expect(guests.map { $0["name"] as? String } == ["books", "plex", "home"])
    await simulator.shutdown()
  }

  @Test func refusesAnUnknownTypeAndNamesIt() async throws {
    let simulator = try await PVESimulator.start(cluster: cluster())
    let answer = try await SimulatorClient(simulator).get("/cluster/resources?type=lxc")
    #expect(answer.status == 400)
    #expect(answer.reason == "Parameter verification failed.")
    #expect(answer.body.contains("vm, storage, node, sdn"))
    await simulator.shutdown()
  }

  @Test func hidesGuestsAndRefusesStatusWithoutRights() async throws {
    let rights = Permissions(["/vms/101": .init(["VM.Audit"])])
    let simulator = try await PVESimulator.start(cluster: cluster(permissions: rights))
    let client = SimulatorClient(simulator)
    let guests = try await client.get("/cluster/resources?type=vm").objects
    #expect(guests.map { $0["vmid"] as? Int } == [101])
    let status = try await client.get("/cluster/status")
    #expect(status.status == 403)
    #expect(status.reason == "Permission check failed (/, Sys.Audit)")
    #expect(try await client.get("/nodes").objects.count == 2)
    let network = try await client.get("/nodes/pve1/network").objects
    #expect(network.map { $0["type"] as? String } == ["eth"])
    let own = try await client.get("/access/permissions").object
    #expect(own.keys.sorted() == ["/vms/101"])
    await simulator.shutdown()
  }

  @Test(arguments: [
    ("/nodes/pve9/network", 500, "hostname lookup 'pve9' failed"),
    ("/nodes/pve2/lxc", 595, "No route to host"),
    ("/nodes/pve1/lxc/777/config", 500, "Configuration file 'nodes/pve1/lxc/777.conf' does not exist"),
    ("/nodes/pve1/lxc/7/config", 400, "Parameter verification failed."),
    ("/nodes/pve1/lxc/101/config?verbose=1", 400, "Parameter verification failed."),
    ("/nope", 501, "Method 'GET /nope' not implemented"),
  ])
  func refusesInTheReasonPhrase(path: String, status: Int, reason: String) async throws {
    let simulator = try await PVESimulator.start(cluster: cluster())
    let answer = try await SimulatorClient(simulator).get(path)
    #expect(answer.status == status)
    #expect(answer.reason.hasPrefix(reason), "\(answer.reason)")
    await simulator.shutdown()
  }

  @Test(arguments: [(PVEVersion(8, 3), false), (PVEVersion(8, 4), true)])
  func repeatsTheTextInTheBodyOnlyWhereTheVersionDoes(version: PVEVersion, repeats: Bool) async throws {
    let simulator = try await PVESimulator.start(cluster: cluster(version: version))
    let answer = try await SimulatorClient(simulator).get("/nodes/pve1/lxc/777/config")
    #expect(answer.reason.contains("777.conf"))
    #expect(answer.body.contains("777.conf") == repeats)
    await simulator.shutdown()
  }
}
