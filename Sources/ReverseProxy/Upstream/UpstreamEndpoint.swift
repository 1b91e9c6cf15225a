import ProxyTLS
import RouteModel

/// Where connections go, and who has to be there: routes with the same one share a pool.
struct UpstreamEndpoint: Hashable, Sendable {
  var host: String
  var port: UInt16
  /// Who the TLS has to be of; nil for clear text.
  var peer: UpstreamPeer?

  /// Nil where the route's target is none that HTTP/1.1 goes to.
  init?(_ route: Route, _ tls: UpstreamTLS) {
    guard case .network(let scheme, let host, let port) = route.target, scheme == .http || scheme == .https else {
      return nil
    }
    (self.host, self.port) = (host, port)
    if scheme == .https {
      peer = tls.peer(route.trust, host: host, serverName: route.declaration.tlsServerName)
    }
  }
}
