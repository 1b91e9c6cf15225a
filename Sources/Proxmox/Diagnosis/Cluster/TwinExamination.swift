import RouteModel

/// Finds entries of the configuration that are one cluster.
enum TwinExamination {
  /// What is to be said of each entry, in their order; the first of two keeps the cluster.
  static func checks(of clusters: [(name: ClusterName, likeness: ClusterLikeness?)]) -> [[Finding]] {
    clusters.indices.map { index in
      guard let likeness = clusters[index].likeness,
        let twin = clusters[..<index].first(where: { $0.likeness?.isSame(as: likeness) == true })
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
