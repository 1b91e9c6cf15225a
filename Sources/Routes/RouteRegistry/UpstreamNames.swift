import RouteModel

/// What a request says of where it goes. Each is nil where the route has no such thing: a route without a target has a
/// name only, a file server no host and no port.
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

  /// `host:port` as in a URL and in `Host:`, so an IPv6 address stands in brackets (RFC 3986 §3.2).
  package var hostPort: String? { target?.hostPort }

  /// What access logs call the upstream's address: ``hostPort``, or the folder of a file server.
  package var address: String? {
    if case .files(let root) = target { root } else { hostPort }
  }

  package var url: String? { registered.targetURL }
}
