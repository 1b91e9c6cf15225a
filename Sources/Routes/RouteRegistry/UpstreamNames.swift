import RouteModel

/// The names of a route's upstream. Each is nil if the route has no such part: a route without a target has only a
/// name, a file server has no host and no port.
package struct UpstreamNames: Sendable {
  private let registered: RegisteredRoute

  init(_ registered: RegisteredRoute) { self.registered = registered }

  private var target: Upstream? { registered.route.target }

  /// The route's alias.
  package var name: String { registered.route.id.alias.text }

  package var scheme: String? {
    switch target {
    case .network(let scheme, _, _): scheme.rawValue
    case .files: "file"
    case nil: nil
    }
  }

  /// A name or an address; an IPv6 address without brackets.
  package var host: String? { target?.host }

  package var port: String? { target?.port.map(String.init) }

  /// `host:port` as in a URL and in `Host:`, so an IPv6 address has brackets (RFC 3986 §3.2).
  package var hostPort: String? { target?.hostPort }

  /// The upstream's address in access logs: ``hostPort``, or the folder of a file server.
  package var address: String? {
    if case .files(let root) = target { root } else { hostPort }
  }

  package var url: String? { registered.targetURL }
}
