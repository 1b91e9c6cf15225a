import Foundation
import PVESimulator
import Testing

/// The sources of addresses: interfaces of containers, agents of VMs, configurations.
@Suite(.timeLimit(.minutes(5))) struct SimulatedAddressesTests {
  private func start(
    _ guest: SimulatedGuest, version: PVEVersion = PVEVersion(9, 0, 10), permissions: Permissions? = nil
  ) async throws -> PVESimulator {
    var cluster = SimulatedCluster.sample(nodes: 2, guests: 0, version: version)
    cluster.add(guest)
    if let permissions { cluster.tokens[0].permissions = permissions }
    return try await PVESimulator.start(cluster: cluster)
  }

  private var container: SimulatedGuest {
    SimulatedGuest(
      vmid: 101, name: "plex", node: "pve1",
      interfaces: [
        SimulatedInterface(
          hardwareAddress: "bc:24:11:00:00:65", addresses: ["127.64.16.1/24", "127.64.16.2/24", "fe80::1/64"])
      ])
  }

  @Test func listsEveryAddressInTheNewShape() async throws {
    let simulator = try await start(container)
    let interfaces = try await SimulatorClient(simulator).get("/nodes/pve1/lxc/101/interfaces").objects
    #expect(interfaces.map { $0["name"] as? String } == ["lo", "eth0"])
    let addresses = interfaces[1]["ip-addresses"] as? [[String: Any]] ?? []
    #expect(addresses.map { $0["ip-address"] as? String } == ["127.64.16.1", "127.64.16.2", "fe80::1"])
    #expect(addresses[0]["prefix"] as? String == "24")
    #expect(addresses.map { $0["ip-address-type"] as? String } == ["inet", "inet", "inet6"])
    await simulator.shutdown()
  }

  @Test func listsTheLastAddressOfEachFamilyInTheOldShape() async throws {
    let simulator = try await start(container, version: PVEVersion(8, 3))
    let interfaces = try await SimulatorClient(simulator).get("/nodes/pve1/lxc/101/interfaces").objects
    #expect(interfaces[1]["inet"] as? String == "127.64.16.2/24")
    #expect(interfaces[1]["inet6"] as? String == "fe80::1/64")
    #expect(interfaces[1]["ip-addresses"] == nil)
    await simulator.shutdown()
  }

  @Test func knowsNoInterfacesBeforePVE81() async throws {
    let simulator = try await start(container, version: PVEVersion(8, 0, 4))
    let answer = try await SimulatorClient(simulator).get("/nodes/pve1/lxc/101/interfaces")
    #expect(answer.status == 501)
    #expect(answer.reason == "Method 'GET /nodes/pve1/lxc/101/interfaces' not implemented")
    await simulator.shutdown()
  }

  @Test(arguments: ["/nodes/pve2/lxc/101", "/nodes/pve1/lxc/555"])
  func answersNullForAContainerThatIsNotThere(path: String) async throws {
    let simulator = try await start(container)
    let answer = try await SimulatorClient(simulator).get(path + "/interfaces")
    #expect(answer.status == 200)
    #expect(answer.body == #"{"data":null}"#)
    await simulator.shutdown()
  }

  @Test func answersNullForAStoppedContainerAndKeepsItsConfiguration() async throws {
    let simulator = try await start(container)
    simulator.update { $0.stop(101) }
    let client = SimulatorClient(simulator)
    #expect(try await client.get("/nodes/pve1/lxc/101/interfaces").body == #"{"data":null}"#)
    let configuration = try await client.get("/nodes/pve1/lxc/101/config").object
    #expect(
      configuration["net0"] as? String
        == "name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:65,ip=127.64.16.1/24,ip6=fe80::1/64,type=veth")
    await simulator.shutdown()
  }

  @Test func reportsTheAgentsAddresses() async throws {
    let simulator = try await start(.virtualMachine(200, "home", on: "pve1", address: "127.64.16.9"))
    let client = SimulatorClient(simulator)
    let answer = try await client.get("/nodes/pve1/qemu/200/agent/network-get-interfaces").object
    let interfaces = answer["result"] as? [[String: Any]] ?? []
    let addresses = interfaces.last?["ip-addresses"] as? [[String: Any]] ?? []
    #expect(addresses.map { $0["ip-address"] as? String } == ["127.64.16.9"])
    #expect(addresses.first?["prefix"] as? Int == 10)
    #expect(try await client.get("/nodes/pve1/qemu/200/config").object["agent"] as? String != nil)
    await simulator.shutdown()
  }

  @Test(arguments: [
    (SimulatedGuest.Agent.absent, "running", "No QEMU guest agent configured"),
    (.silent, "running", "QEMU guest agent is not running"),
    (.running, "stopped", "VM 200 is not running"),
  ])
  func refusesWithoutAnAgentThatAnswers(
    agent: SimulatedGuest.Agent, status: String, reason: String
  ) async throws {
    var guest = SimulatedGuest.virtualMachine(200, "home", on: "pve1", address: "127.64.16.9")
    (guest.agent, guest.status) = (agent, status)
    let simulator = try await start(guest)
    let answer = try await SimulatorClient(simulator).get("/nodes/pve1/qemu/200/agent/network-get-interfaces")
    #expect(answer.status == 500)
    #expect(answer.reason == reason)
    await simulator.shutdown()
  }

  @Test func wrapsTheAgentsOwnRefusalInASuccess() async throws {
    var guest = SimulatedGuest.virtualMachine(200, "home", on: "pve1", address: "127.64.16.9")
    guest.agent = .refusing
    let simulator = try await start(guest)
    let answer = try await SimulatorClient(simulator).get("/nodes/pve1/qemu/200/agent/network-get-interfaces")
    #expect(answer.status == 200)
    let result = answer.object["result"] as? [String: Any]
    #expect(result?["error"] != nil)
    await simulator.shutdown()
  }

  @Test(arguments: [
    (PVEVersion(9, 0), "VM.GuestAgent.Audit", 200), (PVEVersion(9, 0), "VM.Monitor", 403),
    (PVEVersion(8, 4), "VM.Monitor", 200), (PVEVersion(8, 4), "VM.GuestAgent.Audit", 403),
  ])
  func asksForThePrivilegeOfItsVersion(version: PVEVersion, privilege: String, status: Int) async throws {
    let simulator = try await start(
      .virtualMachine(200, "home", on: "pve1", address: "127.64.16.9"), version: version,
      permissions: Permissions(["/vms": .init(["VM.Audit", privilege])]))
    let answer = try await SimulatorClient(simulator).get("/nodes/pve1/qemu/200/agent/network-get-interfaces")
    #expect(answer.status == status)
    await simulator.shutdown()
  }
}
