package import HTTPTransport
package import ProxmoxInventory

/// Diagnoses clusters through PVE's API, with findings and remedies. Read-only.
package struct Doctor: Sendable {
  private let http: HTTPClient
  /// The maximum number of guests of a cluster whose addresses are read.
  private let guestLimit: Int

  package init(http: HTTPClient, guestLimit: Int) { (self.http, self.guestLimit) = (http, guestLimit) }

  /// What was found out about a cluster.
  package struct Outcome: Sendable {
    package var section: DiagnosisReport.Section
    /// As the agent would have it; nil if the cluster could not be read.
    package var inventory: ClusterSnapshot?
  }

  /// Diagnoses all clusters concurrently; returns one outcome for each, in order.
  package func diagnose(_ clusters: [DiagnosedCluster]) async -> [Outcome] {
    let diagnoses = await withTaskGroup(of: (Int, ClusterDiagnosis).self) { group in
      for (index, cluster) in clusters.enumerated() {
        group.addTask { (index, await ClusterDiagnosis.run(cluster, http: http, guestLimit: guestLimit)) }
      }
      return await group.reduce(into: [Int: ClusterDiagnosis]()) { $0[$1.0] = $1.1 }
    }
    let ordered = clusters.indices.compactMap { diagnoses[$0] }
    let twins = DuplicateClusterCheck.checks(of: ordered.map { ($0.name, $0.identity) })
    return zip(ordered, twins).map { diagnosis, twins in
      var inventory = diagnosis.inventory
      // The agent reads such a cluster once.
      if !twins.isEmpty {
        inventory?.nodes = []
        inventory?.guests = []
      }
      let section = DiagnosisReport.Section(.cluster, name: diagnosis.name, checks: diagnosis.checks + twins)
      return Outcome(section: section, inventory: inventory)
    }
  }
}
