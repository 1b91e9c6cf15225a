package import RouteModel

extension ProxmoxLink {
  /// What logs call the linked guest or node: `home/105 plex`, `home/pve1`; nil without a link.
  package var logName: String? {
    switch resource?.identity {
    case .node(let id): "\(id)"
    case .guest(let id, _, let name, _, _): name.map { "\(id) \($0)" } ?? "\(id)"
    case nil: nil
    }
  }
}
