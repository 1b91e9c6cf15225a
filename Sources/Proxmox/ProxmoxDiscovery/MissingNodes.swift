import FoundationEssentials
import ProxmoxAPI

/// Nodes that PVE listed and lists no more while guests are on them, as where the cluster's file system restarts.
///
/// One is kept, stale, for a grace of two polls; without a guest it goes at once, as a node does that leaves or is renamed.
struct MissingNodes: Sendable {
  private struct Entry {
    var node: ClusterResources.Node
    var lastListed: Date
    var polls = 0
  }

  private var entries: [String: Entry] = [:]

  /// What a person reads at a node that is missing, and when PVE listed it last.
  func doubt(about node: String) -> (reason: String, lastListed: Date)? {
    entries[node].map { ("PVE lists it no more, though guests are on it", $0.lastListed) }
  }

  /// Takes a poll: tells which of the nodes known before stay though they are not listed, and which are gone.
  ///
  /// - Parameter lastRead: when the poll before was answered.
  mutating func note(
    known: [ClusterResources.Node], listed: ClusterResources, lastRead: Date
  ) -> (staying: [ClusterResources.Node], gone: [(name: String, reason: String)]) {
    let (names, inhabited) = (Set(listed.nodes.map(\.name)), Set(listed.guests.map(\.node)))
    var missing: [String: Entry] = [:]
    var gone: [(String, String)] = []
    for node in known where !names.contains(node.name) {
      var entry = entries[node.name] ?? Entry(node: node, lastListed: lastRead)
      entry.polls += 1
      if !inhabited.contains(node.name) {
        gone.append((node.name, "PVE lists it no more: it has left the cluster, or has another name"))
      } else if entry.polls > MissingGuests.pollsDoubted {
        gone.append((node.name, "PVE listed it no more for \(entry.polls) polls"))
      } else {
        missing[node.name] = entry
      }
    }
    entries = missing
    return (missing.values.map(\.node), gone)
  }
}
