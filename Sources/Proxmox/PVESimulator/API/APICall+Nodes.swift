// `/nodes`: the list, and the calls that each node answers itself.
extension APICall {
  func nodes() -> PVEJSONWriter {
    var writer = PVEJSONWriter()
    writer.objects(cluster.nodes) { writer, node in
      describeNode(node, &writer)
      writer.field("ssl_fingerprint", fingerprint(node))
    }
    return writer
  }

  /// Every caller sees every node; its usage only with Sys.Audit.
  func describeNode(_ node: SimulatedNode, _ writer: inout PVEJSONWriter) {
    writer.field("id", "node/\(node.name)")
    writer.field("type", "node")
    writer.field("node", node.name)
    writer.field("status", node.isOnline ? node.isReporting ? "online" : "unknown" : "offline")
    writer.field("level", "")
    guard node.isOnline, node.isReporting, may("Sys.Audit", on: "/nodes/\(node.name)") else { return }
    writer.field("cpu", 0.0421)
    writer.field("maxcpu", 8)
    writer.field("mem", 12_884_901_888)
    writer.field("maxmem", 33_554_432_000)
    writer.field("disk", 9_663_676_416)
    writer.field("maxdisk", 100_861_726_720)
    writer.field("uptime", 864_000)
  }

  /// Bridges are hidden from callers without rights on the SDN.
  func nodeNetwork(_ name: String) throws(Refusal) -> PVEJSONWriter {
    let node = try target(name)
    var writer = PVEJSONWriter()
    writer.array { writer in
      for network in node.allNetworks where network.type != "bridge" || maySeeBridge(network.name) {
        writer.object { describe(network, &$0) }
      }
    }
    return writer
  }

  private func maySeeBridge(_ bridge: String) -> Bool {
    may("SDN.Audit", "SDN.Use", on: "/sdn/zones/localnetwork", "/sdn/zones/localnetwork/\(bridge)")
  }

  private func describe(_ network: SimulatedNetwork, _ writer: inout PVEJSONWriter) {
    writer.field("iface", network.name)
    writer.field("type", network.type)
    writer.field("method", network.address == nil ? "manual" : "static")
    writer.field("method6", network.address6 == nil ? "manual" : "static")
    writer.field("active", 1)
    writer.field("autostart", 1)
    writer.field("priority", 3)
    if let cidr = network.address {
      let parts = cidr.split(separator: "/")
      writer.field("address", String(parts[0]))
      writer.field("netmask", parts.count > 1 ? String(parts[1]) : "32")
      writer.field("cidr", cidr)
    }
    if let cidr = network.address6 {
      writer.field("address6", String(cidr.split(separator: "/")[0]))
      writer.field("cidr6", cidr)
    }
  }

  func guests(_ kind: SimulatedGuest.Kind, on name: String) throws(Refusal) -> PVEJSONWriter {
    let node = try target(name)
    var writer = PVEJSONWriter()
    writer.array { writer in
      for guest in cluster.guests where guest.kind == kind && guest.node == node.name {
        guard may("VM.Audit", on: "/vms/\(guest.vmid)") else { continue }
        writer.object { describeListed(guest, &$0) }
      }
    }
    return writer
  }

  private func describeListed(_ guest: SimulatedGuest, _ writer: inout PVEJSONWriter) {
    if guest.kind == .lxc, !cluster.version.listsNumericVMIDs {
      writer.field("vmid", String(guest.vmid))
    } else {
      writer.field("vmid", guest.vmid)
    }
    if guest.kind == .lxc { writer.field("type", "lxc") }
    describeLive(guest, &writer)
  }
}

extension SimulatedNode {
  /// As in the file: the port, the bridge, and the additional networks.
  var allNetworks: [SimulatedNetwork] {
    guard !networks.contains(where: { $0.name == "vmbr0" }) else { return networks }
    return [
      SimulatedNetwork(name: "enp1s0", type: "eth"),
      SimulatedNetwork(name: "vmbr0", type: "bridge", address: address.map { "\($0)/10" }),
    ] + networks
  }
}
