package import HTTPTransport
import ProxmoxAPI

/// Diagnoses clusters through PVE's API, with findings and remedies. Read-only.
package struct Doctor: Sendable {
  private let http: HTTPClient
  /// The maximum number of guests of a cluster whose addresses are read.
  private let guestLimit: Int

  package init(http: HTTPClient, guestLimit: Int) { (self.http, self.guestLimit) = (http, guestLimit) }

  /// Diagnoses all clusters concurrently; returns one section for each, in order.
  package func diagnose(_ clusters: [DiagnosedCluster]) async -> [Report.Section] {
    let diagnoses = await withTaskGroup(of: (Int, ClusterDiagnosis).self) { group in
      for (index, cluster) in clusters.enumerated() {
        group.addTask { (index, await ClusterDiagnosis.run(cluster, http: http, guestLimit: guestLimit)) }
      }
      return await group.reduce(into: [Int: ClusterDiagnosis]()) { $0[$1.0] = $1.1 }
    }
    let ordered = clusters.indices.compactMap { diagnoses[$0] }
    return zip(clusters, TwinExamination.checks(of: ordered.map { ($0.name, $0.identity) })).enumerated().map {
      index, entry in
      Report.Section(.cluster, name: entry.0.name, checks: ordered[index].checks + entry.1)
    }
  }
}
