import RouteModel

/// The service that a route's history belongs to.
///
/// A route inherits a history with the same provider, alias and service: the same upstream, or the same port on the
/// same guest or node, even if that has moved. For another service, an empty history begins.
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
