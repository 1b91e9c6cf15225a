import JSONDocument
import ProxmoxInventory
import RouteModel
import Testing

@testable import ProxmoxAPI
@testable import ProxmoxDiscovery

@Suite("AddressRanking") struct AddressRankingTests {
  @Test("Addresses that can identify the guest are first, its own network before tunnels, IPv4 before IPv6")
  func ranks() throws {
    let addresses = try [
      ("lo", "127.0.0.1"), ("docker0", "172.17.0.1"), ("tailscale0", "100.64.0.1"), ("eth0", "fe80::1"),
      ("eth0", "fd00::5"), ("eth0", "10.0.0.5"), ("eth1", "10.0.0.6"), ("Loopback Pseudo-Interface 1", "::1"),
    ].map(address)
    #expect(
      ranked(addresses) == ["10.0.0.5", "10.0.0.6", "fd00::5", "100.64.0.1", "172.17.0.1", "fe80::1"])
  }

  /// As in a guest that reports an address with both `/22` and `/24`.
  @Test("An address that is reported twice is listed once, at its best position")
  func listsEachAddressOnce() throws {
    let interfaces = try [
      #"{"name":"docker0","inet":"10.0.0.6/24"}"#,
      #"{"name":"eth0","ip-addresses":[{"ip-address":"10.0.0.5","prefix":"22"},{"ip-address":"10.0.0.5","prefix":"24"}]}"#,
      #"{"name":"eth1","inet":"10.0.0.6/24"}"#,
    ].map { try #require(GuestInterface(JSONReader.value(of: Array($0.utf8)))) }
    let addresses = interfaces.flatMap { GuestAddress.all(of: $0, source: .interfaces, cards: nil) }
    let found = AddressRanking().ranked(addresses)
    #expect(found.map(\.address.description) == ["10.0.0.5", "10.0.0.6"])
    #expect(found.map(\.interface) == ["eth0", "eth1"])
  }

  @Test("Addresses of every kind and family are kept: private, public, shared (CGNAT) and unique local")
  func keepsEveryKind() throws {
    let texts = ["192.168.1.5", "100.64.0.9", "203.0.113.7", "fd00::7", "2001:db8::7"]
    #expect(ranked(try texts.map { try address("eth0", $0) }) == texts)
  }

  @Test("Beside a lasting address of its network a random one is taken for temporary and comes last")
  func putsTemporaryLast() throws {
    let random = "2001:db8::1c3f:92ab:47d1:8e05"
    for lasting in ["2001:db8::be24:11ff:fe00:65", "2001:db8::5"] {
      #expect(ranked([try address("eth0", random), try address("eth0", lasting)]) == [lasting, random])
      #expect(
        ranked([try address("eth0", random), try address("eth1", lasting)]) == [random, lasting], "another interface")
    }
    #expect(ranked([try address("eth0", random), try address("eth0", "10.0.0.5")]) == ["10.0.0.5", random])
  }

  @Test("A preference decides among what can name the guest", arguments: preferenceRows)
  func followsPreferences(_ row: PreferenceRow) throws {
    let addresses = try [
      ("eth0", "10.0.0.5"), ("eth0", "fd00::5"), ("eth1", "192.168.1.5"), ("docker0", "172.17.0.1"),
    ].map(address)
    #expect(AddressRanking(row.preference).ranked(addresses).map(\.address.description) == row.order)
  }

  @Test("Interfaces on configured cards, by MAC, precede those that the guest created itself")
  func prefersCards() throws {
    let networks = ["net0": "name=eth0,hwaddr=BC:24:11:00:00:65", "net1": "virtio=BC:24:11:00:01:65,bridge=vmbr1"]
    let cards = GuestCards(ConfiguredNetwork.all("net", in: networks.mapValues { .string($0) }))
    let interfaces = [
      GuestInterface(name: "overlay", hardwareAddress: "02:42:ac:11:00:02", addresses: ["10.9.0.1"]),
      GuestInterface(name: "lan1", hardwareAddress: "bc:24:11:00:01:65", addresses: ["10.1.0.5"]),
      GuestInterface(name: "lan0", hardwareAddress: "bc:24:11:00:00:65", addresses: ["10.0.0.5"]),
    ]
    let addresses = interfaces.flatMap { GuestAddress.all(of: $0, source: .agent, cards: cards) }
    #expect(addresses.map(\.card) == [nil, 1, 0])
    #expect(ranked(addresses) == ["10.0.0.5", "10.1.0.5", "10.9.0.1"])
    let byCard = AddressRanking(AddressPreference(interface: "net1"))
    #expect(byCard.ranked(addresses).first?.interface == "lan1")
  }

  @Test("A guest's own preference completes itself from the cluster's, by number before by name")
  func completesPreferences() throws {
    var preferences = AddressPreferences()
    preferences.general = AddressPreference(interface: "eth0", family: .ipv6)
    preferences.byVMID[101] = AddressPreference(interface: "eth1")
    preferences.byName["plex"] = AddressPreference(interface: "eth2", family: .ipv4)
    #expect(preferences.preference(of: 101, named: "plex") == AddressPreference(interface: "eth1", family: .ipv6))
    #expect(preferences.preference(of: 102, named: "Plex") == AddressPreference(interface: "eth2", family: .ipv4))
    #expect(preferences.preference(of: 103, named: nil) == preferences.general)
  }

  private func ranked(_ addresses: [GuestAddress]) -> [String] {
    AddressRanking().ranked(addresses).map(\.address.description)
  }

  private func address(_ interface: String, _ text: String) throws -> GuestAddress {
    GuestAddress(try #require(IPAddress(text)), interface: interface, source: .agent)
  }
}

struct PreferenceRow: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var preference: AddressPreference
  var order: [String]
}

private let preferenceRows: [PreferenceRow] = [
  PreferenceRow(
    testDescription: "interface", preference: AddressPreference(interface: "eth1"),
    order: ["192.168.1.5", "10.0.0.5", "fd00::5", "172.17.0.1"]),
  PreferenceRow(
    testDescription: "family", preference: AddressPreference(family: .ipv6),
    order: ["fd00::5", "10.0.0.5", "192.168.1.5", "172.17.0.1"]),
  PreferenceRow(
    testDescription: "networks in order",
    preference: AddressPreference(networks: ["192.168.0.0/16", "fd00::/8"].compactMap { IPNetwork($0) }),
    order: ["192.168.1.5", "fd00::5", "10.0.0.5", "172.17.0.1"]),
  PreferenceRow(
    testDescription: "network before interface",
    preference: AddressPreference(interface: "eth1", networks: [IPNetwork("10.0.0.0/8")].compactMap(\.self)),
    order: ["10.0.0.5", "192.168.1.5", "fd00::5", "172.17.0.1"]),
  PreferenceRow(
    testDescription: "an interface that cannot name the guest stays last",
    preference: AddressPreference(interface: "docker0"),
    order: ["10.0.0.5", "192.168.1.5", "fd00::5", "172.17.0.1"]),
]
