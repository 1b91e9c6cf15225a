import RouteModel

/// What a route's history is about: the service behind it.
///
/// A history is inherited where provider and alias are the same and so is the service: it is at the same upstream, or it
/// has the same port on the same guest or node, wherever that has moved to. Anybody else begins with an empty one.
struct ServiceIdentity: Hashable, Codable, Sendable {
  /// As a URL.
  var target: String
  var port: UInt16?
  /// `home/105`, `home/pve1`; nil without a link.
  var resource: String?

  init(target: Upstream, link: ProxmoxLink) {
    (self.target, port) = (target.description, target.port)
    resource = link.resource.map { $0.guest?.description ?? $0.node.description }
  }

  func isSame(as other: ServiceIdentity) -> Bool {
    target == other.target || resource != nil && resource == other.resource && port == other.port
  }
}
