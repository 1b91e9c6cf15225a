import FoundationEssentials
import PeerTrust
import ProxmoxAPI
import ProxmoxInventory
import RouteModel

/// What is known about a cluster's nodes besides the list of resources.
struct NodeFacts: Sendable {
  init() {}

  private(set) var version: String?
  /// PVE's name of the cluster; nil on a standalone host.
  private(set) var clusterName: String?
  private(set) var fingerprints: [String: CertificateFingerprint] = [:]
  private var memberAddresses: [String: IPAddress] = [:]
  private var networkAddresses: [String: [IPAddress]] = [:]
  /// Why `/cluster/status` could not be read.
  private var statusNote: String?
  private var networkNotes: [String: String] = [:]
  /// Why the endpoint cannot reach a node, for nodes that it could not reach at the last call.
  private(set) var unreachable: [String: (error: String, since: Date)] = [:]

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

  /// Forgets certificates that were received over connections judged by a previous trust policy.
  mutating func forgetFingerprints() { fingerprints = [:] }

  mutating func record(network interfaces: [NodeInterface], of node: String) {
    let own = interfaces.filter { interface in
      !(interface.name == "lo" || ["docker", "br-", "veth"].contains { interface.name.hasPrefix($0) })
    }
    networkAddresses[node] = own.flatMap(\.addresses).compactMap { IPAddress($0) }
    networkNotes[node] = Self.note(on: node, interfaces)
  }

  private static func note(on node: String, _ interfaces: [NodeInterface]) -> String? {
    // Nearly every node has a bridge, and nearly every address of a node is on one.
    if !interfaces.contains(where: \.isBridge) {
      return
        "/nodes/\(node)/network lists no bridge, so addresses may be missing: PVE shows bridges only with SDN.Audit "
        + "on /sdn/zones/localnetwork"
    }
    if interfaces.contains(where: { !$0.addresses.isEmpty }) { return nil }
    return "/nodes/\(node)/network states no address: PVE shows none that came by DHCP"
  }

  mutating func record(networkError error: ProxmoxError, of node: String) {
    networkNotes[node] = "/nodes/\(node)/network is not known: \(error)"
  }

  /// Records the result of the last call about a node; nil if it was answered. Returns whether it changed.
  @discardableResult
  mutating func record(reachError error: String?, of node: String, at date: Date = Date()) -> Bool {
    let before = unreachable[node]
    if error == before?.error { return false }
    unreachable[node] = error.map { ($0, since: before?.since ?? date) }
    return true
  }

  mutating func keep(only nodes: Set<String>) {
    memberAddresses = memberAddresses.filter { nodes.contains($0.key) }
    networkAddresses = networkAddresses.filter { nodes.contains($0.key) }
    networkNotes = networkNotes.filter { nodes.contains($0.key) }
    unreachable = unreachable.filter { nodes.contains($0.key) }
    fingerprints = fingerprints.filter { nodes.contains($0.key) }
  }

  /// The addresses in order of preference: from `/cluster/status`, then from the interfaces.
  ///
  /// - Parameters:
  ///   - endpoint: the host of the endpoint, if it can only be this node.
  ///   - claims: the addresses that the node may claim.
  func addresses(of node: String, endpoint: IPAddress?, claims: AddressClaims) -> [IPAddress] {
    let memberAddress = memberAddress(of: node, claims: claims)
    var addresses = memberAddress.map { [$0] } ?? []
    for address in networkAddresses[node] ?? [] where claims.allow(address) && !addresses.contains(address) {
      addresses.append(address)
    }
    if memberAddress == nil, let endpoint, !addresses.contains(endpoint) { addresses.insert(endpoint, at: 0) }
    return addresses
  }

  /// Why some of the node's addresses may be missing; empty if none are.
  func notes(of node: String) -> [String] {
    var notes = statusNote.map { [$0] } ?? []
    if let note = networkNotes[node] { notes.append(note) }
    return notes
  }

  /// The address by which the cluster knows a node.
  func memberAddress(of node: String, claims: AddressClaims) -> IPAddress? {
    memberAddresses[node].flatMap { claims.allow($0) ? $0 : nil }
  }
}

// The part that is saved across restarts.
extension NodeFacts {
  struct Known: Codable, Hashable, Sendable {
    var version: String?
    var clusterName: String?
    var fingerprints: [String: String] = [:]
    var memberAddresses: [String: String] = [:]
    var networkAddresses: [String: [String]] = [:]
  }

  var known: Known {
    Known(
      version: version, clusterName: clusterName, fingerprints: fingerprints.mapValues(\.description),
      memberAddresses: memberAddresses.mapValues(\.description),
      networkAddresses: networkAddresses.mapValues { $0.map(\.description) })
  }

  init(_ known: Known) {
    (version, clusterName) = (known.version, known.clusterName)
    fingerprints = known.fingerprints.compactMapValues { CertificateFingerprint($0) }
    memberAddresses = known.memberAddresses.compactMapValues { IPAddress($0) }
    networkAddresses = known.networkAddresses.mapValues { $0.compactMap { IPAddress($0) } }
  }
}

extension NodeInterface {
  /// `bridge` or `OVSBridge`.
  fileprivate var isBridge: Bool { type?.lowercased().hasSuffix("bridge") ?? false || name.hasPrefix("vmbr") }
}
