import RouteModel

/// Where connections go, and how they are secured: routes with the same one share a pool.
struct UpstreamEndpoint: Hashable, Sendable {
  /// What is asked of the upstream's TLS.
  struct Security: Hashable, Sendable {
    var trust: UpstreamTrust
    /// The name of the handshake and the certificate.
    var serverName: String
  }

  var host: String
  var port: UInt16
  /// Nil for clear text.
  var security: Security?

  /// Nil where the route's target is none that HTTP/1.1 goes to.
  init?(_ route: Route) {
    guard case .network(let scheme, let host, let port) = route.target, scheme == .http || scheme == .https else {
      return nil
    }
    (self.host, self.port) = (host, port)
    security =
      scheme == .https
      ? Security(trust: route.trust, serverName: route.declaration.tlsServerName ?? host) : nil
  }
}
