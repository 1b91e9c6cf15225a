// `/version` and `/cluster`: the answers that any node gives for the whole cluster.
extension APICall {
  func version() -> PVEJSONWriter {
    var writer = PVEJSONWriter()
    writer.object { writer in
      writer.field("version", cluster.version.description)
      writer.field("release", "\(cluster.version.major).\(cluster.version.minor)")
      writer.field("repoid", "d37e0fbc26a1b2c3")
    }
    return writer
  }

  func clusterStatus() throws(Refusal) -> PVEJSONWriter {
    try require(["Sys.Audit"], on: "/")
    var writer = PVEJSONWriter()
    writer.array { writer in
      if let name = cluster.name { writer.object { describeCluster(name, &$0) } }
      for (index, node) in cluster.nodes.enumerated() {
        writer.object { describeMember(node, number: cluster.name == nil ? 0 : index + 1, &$0) }
      }
    }
    return writer
  }

  private func describeCluster(_ name: String, _ writer: inout PVEJSONWriter) {
    writer.field("type", "cluster")
    writer.field("id", "cluster")
    writer.field("name", name)
    writer.field("nodes", cluster.nodes.count)
    writer.field("version", 7)
    writer.field("quorate", cluster.isQuorate)
  }

  private func describeMember(_ node: SimulatedNode, number: Int, _ writer: inout PVEJSONWriter) {
    writer.field("type", "node")
    writer.field("id", "node/\(node.name)")
    writer.field("name", node.name)
    writer.field("nodeid", number)
    writer.field("ip", node.address)
    writer.field("local", node.name == request.localNode)
    writer.field("online", node.isOnline)
    writer.field("level", "")
  }

  func clusterResources() throws(Refusal) -> PVEJSONWriter {
    let type = request.parameters["type"]
    if let type, !["vm", "storage", "node", "sdn"].contains(type) {
      throw .invalid("type", "value '\(type)' does not have a value in the enumeration 'vm, storage, node, sdn'")
    }
    var writer = PVEJSONWriter()
    writer.array { writer in
      if type == nil || type == "vm" { describeGuests(&writer) }
      if type == nil || type == "node" {
        for node in cluster.nodes { writer.object { describeNode(node, &$0) } }
      }
      if type == nil || type == "storage" { describeStorages(&writer) }
    }
    return writer
  }

  private func describeGuests(_ writer: inout PVEJSONWriter) {
    // One ACL look-up applies to every guest without a role of its own or of its pool. No guest has VMID 0.
    let inherited = may("VM.Audit", on: "/vms/0")
    let roles = caller.permissions.roles
    let silent = Set(cluster.nodes.filter { !$0.isReporting }.map(\.name))
    for guest in cluster.guests {
      let path = "/vms/\(guest.vmid)"
      guard roles[path] == nil && guest.pool == nil ? inherited : may("VM.Audit", on: path) else { continue }
      var guest = guest
      if silent.contains(guest.node) { guest.status = "unknown" }
      writer.object { describeResource(guest, &$0) }
    }
  }

  private func describeResource(_ guest: SimulatedGuest, _ writer: inout PVEJSONWriter) {
    writer.field("id", guest.resourceID)
    writer.field("vmid", guest.vmid)
    writer.field("node", guest.node)
    writer.field("type", guest.kind.rawValue)
    writer.field("status", guest.status)
    if !guest.tags.isEmpty { writer.field("tags", guest.tags.joined(separator: ";")) }
    writer.field("lock", guest.lock)
    writer.field("hastate", guest.haState)
    writer.field("pool", may("Pool.Audit", on: "/pool/\(guest.pool ?? "")") ? guest.pool : nil)
    guard guest.status != "unknown" else { return }
    writer.field("name", guest.displayName)
    writer.field("template", guest.isTemplate)
    describeUsage(guest, &writer)
  }

  private func describeStorages(_ writer: inout PVEJSONWriter) {
    for node in cluster.nodes where may("Datastore.Audit", on: "/storage/local") {
      writer.object { writer in
        writer.field("id", "storage/\(node.name)/local")
        writer.field("type", "storage")
        writer.field("storage", "local")
        writer.field("node", node.name)
        writer.field("status", node.isOnline ? "available" : "unknown")
        writer.field("plugintype", "dir")
      }
    }
  }
}
