import ProxmoxDiscovery
import RouteModel
import TestSupport
import Testing

@testable import AgentConfiguration

/// `addresses:` and `guests:` of a cluster.
@Suite struct PreferenceTests {
  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  private func load(_ entry: String) throws -> AgentConfiguration {
    let text = """
      providers: {files: []}
      proxmox:
        - name: home
          endpoints: [https://10.0.0.11]
          username: root@pam
          password: ${P}
      \(entry)
      """
    return try AgentConfiguration.load(path: folder.write(text, to: "pvescout.yml"), environment: ["P": "x"])
  }

  @Test func readsWhatAClusterAndItsGuestsPrefer() throws {
    let configuration = try load(
      """
          addresses: {interface: eth1, cidr: [10.0.0.0/8, "fd00::/8"], family: ipv4}
          guests:
            105: {addresses: {interface: net1}}
            Plex: {addresses: {cidr: 10.1.0.0/16, family: ipv6}}
      """)
    let preferences = try #require(configuration.clusters.first?.preferences)
    let networks = ["10.0.0.0/8", "fd00::/8"].compactMap { IPNetwork($0) }
    #expect(preferences.general == AddressPreference(interface: "eth1", networks: networks, family: .ipv4))
    #expect(preferences.byVMID == [105: AddressPreference(interface: "net1")])
    #expect(
      preferences.byName == [
        "plex": AddressPreference(networks: [IPNetwork("10.1.0.0/16")].compactMap(\.self), family: .ipv6)
      ])
  }

  @Test(arguments: [
    ("    addresses: {interfaces: eth1}", "7:17: unknown key 'interfaces', did you mean 'interface'?"),
    (
      "    addresses: {cidr: 10.0.0.0}",
      "7:23: an entry of cidr must be a network such as 10.0.0.0/8 or fd00::/8, found '10.0.0.0'"
    ),
    ("    addresses: {family: ipv5}", "7:25: family must be one of ipv4, ipv6, found 'ipv5', did you mean 'ipv4'?"),
    (
      "    addresses: {interface: \"\"}",
      "7:28: interface must be the name of an interface, such as eth1 or net1, found ''"
    ),
    ("    guests: [105]", "7:13: guests must be a mapping of VMIDs or names, found a list"),
    ("    guests: {105: {}}", "7:19: missing key 'addresses', such as {interface: eth1}"),
  ])
  func reportsWhatIsWrong(_ entry: String, _ expected: String) throws {
    let error = #expect(throws: AgentConfiguration.Invalid.self) { try load(entry) }
    let path = folder.file("pvescout.yml")
    #expect(error?.problems.map { String($0.description.dropFirst(path.count + 1)) } == [expected])
  }
}
