import ProxmoxAPI
import ProxmoxInventory
import RouteModel

/// What is known of a cluster's nodes beyond the list of resources.
struct NodeFacts: Sendable {
  private(set) var version: String?
  /// PVE's name of the cluster; nil on a standalone host.
  private(set) var clusterName: String?
  private(set) var fingerprints: [String: String] = [:]
  private var memberAddresses: [String: IPAddress] = [:]
  private var networkAddresses: [String: [IPAddress]] = [:]
  /// Why `/cluster/status` tells nothing.
  private var statusNote: String?
  private var networkNotes: [String: String] = [:]

  mutating func record(version: APIVersion) { self.version = version.version }

  mutating func record(status: ClusterStatus) {
    statusNote = nil
    clusterName = status.clusterName
    memberAddresses = Dictionary(
      status.members.compactMap { member in
        member.address.flatMap { IPAddress($0) }.map { (member.name, $0) }
      }
    ) { first, _ in first }
  }

  mutating func record(statusError error: ProxmoxError) {
    statusNote = "its address in /cluster/status is not known: \(error)"
  }

  mutating func record(summaries: [NodeSummary]) {
    fingerprints = Dictionary(
      summaries.compactMap { node in node.sslFingerprint.map { (node.name, $0) } }
    ) { first, _ in first }
  }

  mutating func record(network interfaces: [NodeInterface], of node: String) {
    let own = interfaces.filter { interface in
      !(interface.name == "lo" || ["docker", "br-", "veth"].contains { interface.name.hasPrefix($0) })
    }
    networkAddresses[node] = own.flatMap(\.addresses).compactMap { IPAddress($0) }
      .filter { !($0.isLinkLocal || $0.isLocalhost || $0.isUnspecified) }
    networkNotes[node] =
      networkAddresses[node]?.isEmpty == false
      ? nil
      : "no address in /nodes/\(node)/network: PVE shows bridges only with SDN.Audit on /sdn/zones/localnetwork, and "
        + "none that came by DHCP"
  }

  mutating func record(networkError error: ProxmoxError, of node: String) {
    networkNotes[node] = "/nodes/\(node)/network is not known: \(error)"
  }

  mutating func keep(only nodes: Set<String>) {
    memberAddresses = memberAddresses.filter { nodes.contains($0.key) }
    networkAddresses = networkAddresses.filter { nodes.contains($0.key) }
    networkNotes = networkNotes.filter { nodes.contains($0.key) }
    fingerprints = fingerprints.filter { nodes.contains($0.key) }
  }

  /// In the order of preference: what `/cluster/status` tells, then the interfaces.
  ///
  /// - Parameter endpoint: the host of the endpoint, where it can only be this node.
  func addresses(of node: String, endpoint: IPAddress?) -> [IPAddress] {
    var addresses = memberAddresses[node].map { [$0] } ?? []
    for address in networkAddresses[node] ?? [] where !addresses.contains(address) { addresses.append(address) }
    if memberAddresses[node] == nil, let endpoint, !addresses.contains(endpoint) {
      addresses.insert(endpoint, at: 0)
    }
    return addresses
  }

  /// What is missing to know a node's addresses, where some are.
  func notes(of node: String) -> [String] {
    var notes = statusNote.map { [$0] } ?? []
    if memberAddresses[node] == nil, let note = networkNotes[node] { notes.append(note) }
    return notes
  }
}
