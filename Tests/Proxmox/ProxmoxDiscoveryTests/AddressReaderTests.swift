import HTTPTransport
import PVESimulator
import ProxmoxAPI
import ProxmoxInventory
import RouteModel
import Testing

@testable import ProxmoxDiscovery

@Suite("AddressReader", .timeLimit(.minutes(5))) struct AddressReaderTests {
  @Test("A running container whose interfaces are null is known by its static addresses, and asked again")
  func readsTheConfigurationOfASilentContainer() async throws {
    try await withClient { simulator, client in
      simulator.inject(Fault(.body(#"{"data":null}"#), path: "/nodes/pve1/lxc/101/interfaces"))
      let reading = await AddressReader(client: client).read(Self.container)
      #expect(reading.outcome == .withoutAddress && reading.error == nil)
      #expect(reading.addresses?.map(\.address.description) == ["127.64.16.1"])
      #expect(reading.addresses?.map(\.source) == [.config])
    }
  }

  @Test("One without static addresses keeps what is known, and says what is missing where nothing is")
  func keepsAddressesOfASilentContainer() async throws {
    try await withClient { simulator, client in
      simulator.inject(Fault(.body(#"{"data":null}"#), path: "/nodes/pve1/lxc/101/interfaces"))
      simulator.inject(
        Fault(.body(#"{"data":{"net0":"name=eth0,bridge=vmbr0,ip=dhcp"}}"#), path: "/nodes/pve1/lxc/101/config"))
      let reading = await AddressReader(client: client).read(Self.container)
      #expect(reading.outcome == .withoutAddress && reading.addresses == nil)
      var book = AddressBook()
      book.record(reading, of: Self.container)
      #expect(book.guests[101]?.error?.hasPrefix("PVE tells no interfaces of it through this endpoint") == true)
      let known = GuestAddress(try #require(IPAddress("127.64.1.1")), interface: "eth0", source: .interfaces)
      book.record(.init(outcome: .complete, addresses: [known], error: nil), of: Self.container)
      book.record(reading, of: Self.container)
      #expect(book.addresses(of: 101) == [known] && book.guests[101]?.error == nil)
    }
  }

  @Test("A VM whose agent answers without an address, as while it boots, is known by its cloud-init configuration")
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
        AddressPlan.GuestRead(vmid: 102, node: "pve1", isQEMU: true, isRunning: true))
      #expect(reading.outcome == .withoutAddress)
      #expect(reading.addresses?.map(\.address.description) == ["127.64.9.9"])
    }
  }

  private static let container = AddressPlan.GuestRead(vmid: 101, node: "pve1", isQEMU: false, isRunning: true)

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
