import ControlAPI

/// Who answers, and whether it is ready.
enum StatusView {
  static func render(_ info: APIInfo, _ readiness: ReadinessAnswer, style: TableStyle) -> String {
    var fields = FieldList()
    fields.add("agent", "\(info.name) \(info.version)")
    fields.add("started", HumanText.age(of: info.startedAt))
    fields.add("generation", String(info.generation))
    fields.add("ready", readiness.ready ? "yes" : "no", color: readiness.ready ? .green : .yellow)
    for (scheme, address) in info.proxy.sorted(by: <) { fields.add("serves", "\(scheme)://\(address)") }
    for provider in readiness.providers {
      let count = "\(provider.routes) route\(provider.routes == 1 ? "" : "s")"
      fields.add(
        "provider", "\(provider.name): \(provider.loaded ? count : "not loaded")", color: provider.loaded ? nil : .red)
      for problem in provider.problems { fields.add("problem", problem, color: .yellow) }
    }
    for cluster in readiness.clusters {
      let state = !cluster.ready ? "not read yet" : cluster.error == nil ? "read" : "known from before"
      fields.add(
        "cluster", "\(cluster.name): \(state)" + (cluster.error.map { ": \($0)" } ?? ""),
        color: cluster.error == nil ? nil : .red)
    }
    if readiness.clusters.contains(where: { $0.error != nil }) {
      fields.add("hint", "'pvescout doctor' looks closer at the clusters, and says what mends them")
    }
    for problem in readiness.problems { fields.add("problem", problem, color: .yellow) }
    return fields.rendered(style)
  }
}
