import HTTPTransport
import PVESimulator
import ProxmoxAPI
import ProxmoxInventory
import RouteModel
import Testing

@testable import ProxmoxDiscovery

@Suite("AddressReader", .timeLimit(.minutes(5))) struct AddressReaderTests {
  @Test("A running container with null interfaces has its static addresses, and is read again")
  func readsTheConfigurationOfASilentContainer() async throws {
    try await withClient { simulator, client in
      simulator.inject(Fault(.body(#"{"data":null}"#), path: "/nodes/pve1/lxc/101/interfaces"))
      let reading = await AddressReader(client: client).read(Self.container)
      #expect(reading.outcome == .withoutAddress && reading.addresses == nil)
      var book = AddressBook()
      book.record(reading, of: Self.container)
      #expect(book.addresses(of: 101).map(\.address.description) == ["127.64.16.1"])
      #expect(book.addresses(of: 101).map(\.source) == [.config] && book.guests[101]?.error == nil)
      // An address reported by the container itself takes precedence over its configuration.
      let known = GuestAddress(try #require(IPAddress("127.64.1.1")), interface: "eth0", source: .interfaces)
      book.record(AddressReading(addresses: [known]), of: Self.container)
      book.record(reading, of: Self.container)
      #expect(book.addresses(of: 101) == [known])
    }
  }

  @Test("Without static addresses, known ones remain; if there are none, the problem is reported")
  func keepsAddressesOfASilentContainer() async throws {
    try await withClient { simulator, client in
      simulator.inject(Fault(.body(#"{"data":null}"#), path: "/nodes/pve1/lxc/101/interfaces"))
      simulator.inject(
        Fault(.body(#"{"data":{"net0":"name=eth0,bridge=vmbr0,ip=dhcp"}}"#), path: "/nodes/pve1/lxc/101/config"))
      let reading = await AddressReader(client: client).read(Self.container)
      #expect(reading.outcome == .withoutAddress && reading.addresses == nil)
      var book = AddressBook()
      book.record(reading, of: Self.container)
      #expect(book.guests[101]?.error?.hasPrefix("PVE reports no interfaces of it through this endpoint") == true)
      let known = GuestAddress(try #require(IPAddress("127.64.1.1")), interface: "eth0", source: .interfaces)
      book.record(AddressReading(addresses: [known]), of: Self.container)
      book.record(reading, of: Self.container)
      #expect(book.addresses(of: 101) == [known] && book.guests[101]?.error == nil)
    }
  }

  @Test("A VM with an agent but without an address, as while booting, has those of its cloud-init configuration")
  func fallsBackToCloudInitWhileBooting() async throws {
    try await withClient { simulator, client in
      let (machine, interface) = ("/nodes/pve1/qemu/102", #"{"name":"lo","ip-addresses":[]}"#)
      simulator.inject(
        Fault(
          .body(#"{"data":{"agent":"1","net0":"virtio=BC:24:11:00:00:01","ipconfig0":"ip=127.64.9.9/24"}}"#),
          path: "\(machine)/config"))
      simulator.inject(
        Fault(.body(#"{"data":{"result":[\#(interface)]}}"#), path: "\(machine)/agent/network-get-interfaces"))
      let reading = await AddressReader(client: client).read(
        GuestRead(vmid: 102, node: "pve1", isQEMU: true, isRunning: true))
      #expect(reading.outcome == .withoutAddress)
      #expect(reading.addresses?.map(\.address.description) == ["127.64.9.9"])
    }
  }

  @Test(
    "A VM with a silent or refusing agent keeps its reported addresses; a new one has the configured ones",
    arguments: [SimulatedGuest.Agent.silent, .refusing])
  func keepsAddressesOfASilentAgent(agent: SimulatedGuest.Agent) async throws {
    try await withClient { simulator, client in
      simulator.update { cluster in
        var machine = SimulatedGuest.virtualMachine(102, "vm", on: "pve1", address: "127.64.9.9")
        machine.interfaces[0].configured = .static
        cluster.add(machine)
      }
      let read = GuestRead(vmid: 102, node: "pve1", isQEMU: true, isRunning: true)
      let (reader, known) = (AddressReader(client: client), try #require(IPAddress("127.64.9.1")))
      var book = AddressBook()
      book.record(AddressReading(addresses: [GuestAddress(known, interface: "ens18", source: .agent)]), of: read)
      simulator.update { $0.change(102) { $0.agent = agent } }
      let reading = await reader.read(read)
      #expect(reading.outcome == .agentSilent)
      book.record(reading, of: read)
      #expect(book.addresses(of: 102).map(\.address) == [known])
      let error = try #require(book.guests[102]?.error)
      #expect(error.contains(agent == .silent ? "does not answer" : "answers and refuses"), "\(error)")
      #expect(error.contains("install") == (agent == .silent), "\(error)")
      book = AddressBook()
      book.record(reading, of: read)
      #expect(book.addresses(of: 102).map(\.address.description) == ["127.64.9.9"])
    }
  }

  /// pve-container 6.0.15 up to at least 6.1.10 requires a write privilege for the configuration of a container with
  /// `env`.
  @Test(
    "A container with a refused configuration because of its environment is read while it runs, without further privileges"
  )
  func readsContainersWithAnEnvironment() async throws {
    try await withClient { simulator, client in
      simulator.update { cluster in
        cluster.change(101) { guest in
          guest.hasEnvironment = true
          guest.interfaces.append(
            SimulatedInterface(name: "eth1", hardwareAddress: "bc:24:11:00:00:02", addresses: ["127.64.17.1"]))
        }
      }
      let running = await AddressReader(client: client).read(Self.container)
      #expect(running.shortfall == nil && running.addresses?.filter(\.isSignificant).count == 2)
      simulator.update { $0.stop(101) }
      let stopped = await AddressReader(client: client).read(
        GuestRead(vmid: 101, node: "pve1", isQEMU: false, isRunning: false))
      #expect(stopped.outcome == .failed && stopped.addresses == nil)
      let text = try #require(stopped.shortfall?.text)
      #expect(text.contains("environment variables") && text.contains("needs no grant"), "\(text)")
    }
  }

  private static let container = GuestRead(vmid: 101, node: "pve1", isQEMU: false, isRunning: true)

  private func withClient(_ body: (PVESimulator, ProxmoxClient) async throws -> Void) async throws {
    let simulator = try await PVESimulator.start(cluster: .sample(nodes: 1, guests: 1))
    let http = HTTPClient()
    let entry = try simulator.entry()
    let client = ProxmoxClient(
      endpoint: simulator.url, credentials: entry.credentials, trust: entry.trust, http: http, timeout: .seconds(180))
    try await body(simulator, client)
    http.shutdown()
    await simulator.shutdown()
  }
}
