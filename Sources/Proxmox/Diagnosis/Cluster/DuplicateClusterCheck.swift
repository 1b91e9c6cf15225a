import ProxmoxDiscovery
import RouteModel

/// Finds configuration entries that are the same cluster.
enum DuplicateClusterCheck {
  /// The findings for each entry, in order; the first of two entries keeps the cluster.
  static func checks(of clusters: [(name: ClusterName, identity: ClusterIdentity?)]) -> [[Finding]] {
    clusters.indices.map { index in
      guard let identity = clusters[index].identity,
        let twin = clusters[..<index].first(where: { $0.identity?.isSame(as: identity) == true })
      else { return [] }
      return [
        Finding(
          "entry", .problem,
          "this is the cluster that the entry '\(twin.name)' names already; the agent reads the first alone",
          wanted: "one entry for each cluster",
          remedies: [
            Remedy(
              "in pvescout.yml, remove the entry '\(clusters[index].name)', and list its endpoints under '\(twin.name)'"
            )
          ])
      ]
    }
  }
}
