import ControlAPI

/// The agent's identity, and whether it is ready.
enum StatusView {
  static func render(_ info: APIInfo, _ readiness: ReadinessAnswer, style: TableStyle) -> String {
    var fields = FieldList()
    fields.add("agent", "\(info.name) \(info.version)")
    fields.add("started", HumanText.age(of: info.startedAt))
    fields.add("generation", String(info.generation))
    fields.add(
      "routes", ["http", "stream", "excluded"].map { "\(info.routes[$0] ?? 0) \($0)" }.joined(separator: ", "))
    fields.add("links", links(readiness.links))
    fields.add("ready", readiness.ready ? "yes" : "no", color: readiness.ready ? .green : .yellow)
    for (scheme, address) in info.proxy.sorted(by: <) { fields.add("serves", "\(scheme)://\(address)") }
    for provider in readiness.providers {
      let count = "\(provider.routes) route\(provider.routes == 1 ? "" : "s")"
      fields.add(
        "provider", "\(provider.name): \(provider.loaded ? count : "not loaded")", color: provider.loaded ? nil : .red)
      for problem in provider.problems { fields.add("problem", problem, color: .yellow) }
    }
    for cluster in readiness.clusters {
      fields.add("cluster", "\(cluster.name): \(state(of: cluster))", color: cluster.error == nil ? nil : .red)
    }
    if readiness.clusters.contains(where: { $0.error != nil }) {
      fields.add("hint", "'pvescout doctor' looks closer at the clusters, and says what mends them")
    }
    // Problems of clusters are shown beside their names.
    let said = Set(readiness.refused + readiness.clusters.compactMap(\.problem))
    let others = readiness.problems.filter { !said.contains($0) }
    for problem in others { fields.add("problem", problem, color: .yellow) }
    if !readiness.restartNeeded.isEmpty {
      fields.add("restart", "needed: \(readiness.restartNeeded.joined(separator: ", "))", color: .yellow)
    }
    if !readiness.refused.isEmpty {
      fields.add("reload", "refused: the files as they stand are not in force, those before them are", color: .red)
      for problem in readiness.refused { fields.add("problem", problem, color: .yellow) }
    }
    return fields.rendered(style)
  }

  private static func links(_ links: ReadinessAnswer.Links) -> String {
    "\(links.linked) linked, \(links.ambiguous) ambiguous, \(links.unlinked) unlinked; \(links.down) down"
  }

  private static func state(of cluster: ReadinessAnswer.Cluster) -> String {
    let age = !cluster.ready ? "not read yet" : cluster.stale ? "known from before" : nil
    let parts = [age, cluster.error].compactMap { $0 }
    let state = parts.isEmpty ? "read" : parts.joined(separator: ": ")
    guard cluster.nodes > 0 else { return state }
    return "\(count(cluster.nodes, "node")), \(count(cluster.guests, "guest")), \(state)"
  }

  private static func count(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }
}
