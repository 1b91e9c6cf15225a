import RouteModel
import YAMLDocument

extension RouteReader {
  /// Reads `proxmox:`, or else the link inside `idlewatcher:`, where GoDoxy users may have it. Returns the keys without
  /// effect.
  func readProxmox(into route: inout RouteDeclaration) -> [UnusedKey] {
    route.statesProxmox = mapping.states("proxmox")
    var start = mapping.node("proxmox").flatMap { read($0, "proxmox", into: &route) }
    var idle: IdleKeys?
    mapping.mapping("idlewatcher") { section in
      idle = readIdle(section)
      guard let link = section.node("proxmox"), !route.statesProxmox else { return }
      route.statesProxmox = true
      start = read(link, "idlewatcher.proxmox", into: &route)
    }
    route.wake = wakePolicy(start, idle)
    return idle?.unused ?? []
  }

  /// Nil if it states no start.
  private func read(_ node: YAMLNode, _ name: String, into route: inout RouteDeclaration) -> StatedStart? {
    let start = mapping.reader.mapping(node, name) { proxmox in
      route.proxmox = Self.reference(proxmox, name)
      route.notes += Self.notes(proxmox)
      return proxmox.choice("start", WakePolicy.Start.self).flatMap { start in
        proxmox.entry("start").map { StatedStart(value: start, name: "\(name).start", entry: $0) }
      }
    }
    guard let start = start ?? nil else { return nil }
    if start.value != .never, case .node = route.proxmox?.resource {
      mapping.reader.report(
        "start is for guests, and this is a node itself: name the guest with 'vmid'", at: start.entry.position)
    }
    return start
  }

  /// Nil if it has neither a node nor a VMID, which is valid for notes only and a problem otherwise.
  private static func reference(_ proxmox: YAMLMapping, _ name: String) -> ProxmoxReference? {
    // The name is known from the guest; GoDoxy stores it for display.
    let hasNotes = !proxmox.accept(["vmname", "service", "services", "file", "files"]).isEmpty
    // The guest behind `start` may be found by the lookup.
    let hasOthers = proxmox.node("start") != nil || hasNotes
    let cluster = proxmox.string("cluster")
    let node = proxmox.string("node").flatMap { $0.isEmpty ? nil : $0 }
    if proxmox.node("vmid") != nil {
      return vmid(proxmox).flatMap { resource(vmid: $0, node: node, of: proxmox) }
        .map { ProxmoxReference($0, cluster: cluster) }
    }
    if let node { return ProxmoxReference(.node(node), cluster: cluster) }
    if !hasOthers || cluster != nil {
      proxmox.reader.report("\(name) names neither a node nor a vmid", at: proxmox.position)
    }
    return nil
  }

  private static func vmid(_ proxmox: YAMLMapping) -> VMID? {
    guard let text = proxmox.text("vmid") else { return nil }
    guard let vmid = Int(text.value), vmid == 0 || (100...999_999_999).contains(vmid) else {
      proxmox.reader.report(
        "vmid '\(text.written)' is neither from 100 to 999999999 nor 0 for the node itself", at: text.position)
      return nil
    }
    return vmid
  }

  private static func resource(
    vmid: VMID, node: String?, of proxmox: YAMLMapping
  ) -> ProxmoxReference.Resource? {
    if vmid != 0 { return .guest(vmid, nodeHint: node) }
    if let node { return .node(node) }
    proxmox.reader.report("vmid 0 is a node itself: say which with 'node'", at: proxmox.position(of: "vmid"))
    return nil
  }

  private static func notes(_ proxmox: YAMLMapping) -> [String] {
    [("service", "service"), ("services", "service"), ("file", "file"), ("files", "file")].flatMap { key, label in
      (proxmox.strings(key) ?? []).map { "\(label) \($0.value)" }
    }
  }
}
