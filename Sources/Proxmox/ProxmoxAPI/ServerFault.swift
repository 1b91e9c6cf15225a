/// A fault of a node, identified by PVE's text.
package enum ServerFault: Hashable, Sendable {
  /// pmxcfs, the file system of the cluster, is down or restarts.
  case clusterFileSystem
  /// The node's name only resolves to loopback addresses.
  case ownAddress(node: String)

  init?(text: String) {
    if text.hasPrefix("RPCEnvironment init request failed") || text.contains("ipcc_send_rec") {
      self = .clusterFileSystem
    } else if text.contains("did not find any IP address") {
      // "address lookup for 'pve1' did not find any IP address".
      let words = text.split(separator: "'", omittingEmptySubsequences: false)
      self = .ownAddress(node: words.count > 2 ? String(words[1]) : "the node")
    } else {
      return nil
    }
  }

  /// How to fix it, in one sentence.
  package var advice: String {
    switch self {
    case .clusterFileSystem: "the node's cluster file system is down: systemctl restart pve-cluster"
    case .ownAddress(let node): "give \(node) its own address in its /etc/hosts, none that begins with 127."
    }
  }
}
