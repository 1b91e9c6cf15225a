import RouteModel

/// What a request says of where it goes. Each is nil where the route has no such thing: a route without a target has a
/// name only, a file server no host and no port.
package struct UpstreamNames: Hashable, Sendable {
  /// The route's alias.
  package let name: String
  package let scheme: String?
  /// A name or an address; an IPv6 address without brackets.
  package let host: String?
  package let port: String?
  /// `host:port` as in a URL and in `Host:`, so an IPv6 address stands in brackets (RFC 3986 §3.2).
  package let hostPort: String?
  /// What access logs call the upstream's address: ``hostPort``, or the folder of a file server.
  package let address: String?
  package let url: String?

  init(_ route: Route) {
    name = route.alias.text
    url = route.target?.description
    host = route.target?.host
    port = route.target?.port.map(String.init)
    switch route.target {
    case .network(let scheme, let host, let port):
      self.scheme = scheme.rawValue
      let hostPort = "\(host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host):\(port)"
      (self.hostPort, address) = (hostPort, hostPort)
    case .files(let root):
      (scheme, hostPort, address) = ("file", nil, root)
    case nil:
      (scheme, hostPort, address) = (nil, nil, nil)
    }
  }
}
