import RouteModel

/// How a page speaks of the node or guest behind a route, and what would start it.
struct LinkDescription {
  private let resource: LinkedResource

  init?(_ link: ProxmoxLink) {
    guard let resource = link.resource else { return nil }
    self.resource = resource
  }

  init(_ resource: LinkedResource) { self.resource = resource }

  /// `container 105 (plex) on pve1`, `VM 201 on pve2`, `node pve1`
  var subject: String {
    switch resource.identity {
    case .node(let id): "node \(id.name)"
    case .guest(_, let node, _, _, _): "\(guest ?? "") on \(node)"
    }
  }

  /// `container 105 (plex)`; nil for a node.
  var guest: String? {
    guard case .guest(let id, _, let name, let type, _) = resource.identity else { return nil }
    return "\(type == .lxc ? "container" : "VM") \(id.vmid)\(name.map { " (\($0))" } ?? "")"
  }

  var node: String { resource.node.name }

  /// PVE's word for the state of a guest that does not run; nil of nodes, of guests that run, and where PVE does not know.
  var downState: String? {
    guard case .guest(_, _, _, _, let status) = resource.identity, !status.isRunning, status != .unknown else {
      return nil
    }
    return status.text
  }

  /// What starts the guest, on its node; nil where no single command does.
  var startCommand: String? {
    guard case .guest(let id, _, _, let type, let status) = resource.identity else { return nil }
    return switch (type, status.text) {
    case (.lxc, "stopped"): "pct start \(id.vmid)"
    case (.qemu, "stopped"): "qm start \(id.vmid)"
    case (.qemu, "paused"), (.qemu, "suspended"): "qm resume \(id.vmid)"
    default: nil
    }
  }
}
