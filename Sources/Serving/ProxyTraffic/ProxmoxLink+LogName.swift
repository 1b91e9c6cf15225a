package import RouteModel

extension ProxmoxLink {
  /// The name of the linked guest or node in logs: `home/105 plex`, `home/pve1`; nil without a link.
  package var logName: String? {
    switch resource?.identity {
    case .node(let id): "\(id)"
    case .guest(let id, _, let name, _, _): name.map { "\(id) \($0)" } ?? "\(id)"
    case nil: nil
    }
  }
}
