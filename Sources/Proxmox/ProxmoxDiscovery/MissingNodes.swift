import FoundationEssentials
import ProxmoxAPI

/// Nodes that have disappeared from PVE's list while guests are on them, as when the cluster's file system restarts.
///
/// A missing node is kept, stale, for a grace period of two polls. A node without guests is removed at once: it left
/// the cluster or was renamed.
struct MissingNodes: Sendable {
  private struct Entry {
    var node: ClusterResources.Node
    var lastListed: Date
    var polls = 0
  }

  private var entries: [String: Entry] = [:]

  /// The reason shown for a missing node, and when PVE last listed it.
  func absence(of node: String) -> (reason: String, lastListed: Date)? {
    entries[node].map { ("PVE no longer lists it, though guests are on it", $0.lastListed) }
  }

  /// Applies a poll. Returns the known nodes that stay although they are not listed, and those that are gone.
  ///
  /// - Parameter lastRead: when the previous poll was answered.
  mutating func record(
    known: [ClusterResources.Node], listed: ClusterResources, lastRead: Date
  ) -> (staying: [ClusterResources.Node], gone: [(name: String, reason: String)]) {
    let (names, inhabited) = (Set(listed.nodes.map(\.name)), Set(listed.guests.map(\.node)))
    var missing: [String: Entry] = [:]
    var gone: [(String, String)] = []
    for node in known where !names.contains(node.name) {
      var entry = entries[node.name] ?? Entry(node: node, lastListed: lastRead)
      entry.polls += 1
      if !inhabited.contains(node.name) {
        gone.append((node.name, "PVE no longer lists it: it has left the cluster, or has another name"))
      } else if entry.polls > MissingGuests.gracePolls {
        gone.append((node.name, "PVE did not list it for \(entry.polls) polls"))
      } else {
        missing[node.name] = entry
      }
    }
    entries = missing
    return (missing.values.map(\.node), gone)
  }
}
