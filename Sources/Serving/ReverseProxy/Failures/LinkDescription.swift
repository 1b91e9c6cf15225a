import RouteModel

/// Texts for the node or guest behind a route, and the command that starts the guest.
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

  /// PVE's name for the state of a guest that is not running; nil for nodes, running guests and unknown states.
  var downState: String? {
    guard case .guest(_, _, _, _, let status) = resource.identity, !status.isRunning, status != .unknown else {
      return nil
    }
    return status.text
  }

  /// The command that starts the guest, for its node; nil if no single command does.
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
