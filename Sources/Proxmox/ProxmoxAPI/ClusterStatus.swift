import JSONDocument

/// `GET /cluster/status`.
package struct ClusterStatus: Hashable, Sendable {
  package struct Member: Hashable, Sendable {
    package var name: String
    /// The address that the node's own name resolves to there; nil until the cluster file system knows it.
    package var address: String?
    package var isOnline: Bool?
    /// Whether this node gave the answer.
    package var isLocal: Bool
  }

  /// Nil on a standalone host.
  package var clusterName: String?
  package var isQuorate: Bool?
  package var members: [Member] = []

  init?(_ data: JSONValue) {
    guard let entries = data.array else { return nil }
    for entry in entries {
      switch entry["type"].string {
      case "cluster":
        clusterName = entry["name"].nonEmptyString
        isQuorate = entry["quorate"].bool
      case "node":
        guard let name = entry["name"].nonEmptyString else { continue }
        members.append(
          Member(
            name: name, address: entry["ip"].nonEmptyString, isOnline: entry["online"].bool,
            isLocal: entry["local"].bool ?? false))
      default: continue
      }
    }
  }
}
